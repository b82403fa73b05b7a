import { ExosphereError } from '@exosphere/model';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { htpasswd } from './htpasswd.ts';

/** A registry in a process of its own. */
export interface RegistryProcess {
  /** `127.0.0.1:port` */
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts Debian's docker-registry on a free port of loopback, with its data in a folder of its own that goes when it stops. */
export async function startRegistryProcess(passwords: Readonly<Record<string, string>> | null): Promise<RegistryProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'exosphere-registry-'));
  const config = join(folder, 'config.json');
  await writeFile(config, JSON.stringify(await configuration(folder, passwords))); // JSON is YAML
  const child = spawn('docker-registry', ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended with ${String(code ?? signal)}`));
  });
  const kill = (): void => void child.kill();
  process.once('exit', kill); // or it would outlive a test run that breaks off
  const stop = async (): Promise<void> => {
    kill();
    await ended;
    process.off('exit', kill);
    await rm(folder, { recursive: true, force: true });
  };
  const log: string[] = [];
  const address = await Promise.race([listening(child.stderr, log), ended.then(() => null)]);
  if (address !== null) return { address, stop };
  await stop();
  const said = [await ended, ...log.slice(-3)].join('\n');
  throw new ExosphereError('test-registry', `docker-registry did not start: ${said}\nInstall it with apt-get install docker-registry.`);
}

/** With port 0, so that the system picks a free one. */
async function configuration(folder: string, passwords: Readonly<Record<string, string>> | null): Promise<object> {
  const storage = { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } };
  const open = { version: 0.1, log: { level: 'info', accesslog: { disabled: true } }, storage, http: { addr: '127.0.0.1:0' } };
  if (passwords === null) return open;
  const file = join(folder, 'htpasswd');
  await writeFile(file, await htpasswd(passwords), { mode: 0o600 });
  return { ...open, auth: { htpasswd: { realm: 'exosphere', path: file } } };
}

/** The address that the registry logs. Goes on reading, since a full pipe would hold the registry up. */
function listening(stderr: NodeJS.ReadableStream, log: string[]): Promise<string> {
  return new Promise((resolve) => {
    let rest = '';
    stderr.setEncoding('utf8');
    stderr.on('data', (chunk: string) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        log.push(line);
        const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
        if (address !== undefined) resolve(address);
      }
    });
  });
}
