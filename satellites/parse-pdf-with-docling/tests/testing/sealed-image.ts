import { startFilesGateway, startSatellite } from '@exosphere/satellite-python/testing';
import type { FilesGateway, SatelliteProcess } from '@exosphere/satellite-python/testing';
import { pythonPackageFolder } from '@exosphere/satellite-python';
import { buildImage, callEngine } from '@exosphere/testkit';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const run = promisify(execFile);

/** The folder of this satellite. */
export const satelliteFolder = join(import.meta.dirname, '../..');

/** As a worker starts it: not root, no network, no capabilities, a root that is read-only, limits. */
const seal = [
  ...['--init', '--user', '65534:65534', '--read-only', '--network', 'none', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
  ...[
    '--tmpfs',
    '/tmp:rw,noexec,nosuid,nodev,size=1g',
    '--memory',
    '2g',
    '--memory-swap',
    '2g',
    '--pids-limit',
    '128',
    '--env',
    'HOME=/tmp',
  ],
];

/** Builds the satellite's image as the runtime does: of its folder and the Python package beside it. Gives its name. */
export async function buildSatelliteImage(): Promise<string> {
  const name = `exosphere-test:docling-${randomBytes(6).toString('hex')}`;
  const left = ['node_modules', '__pycache__', 'tests', 'testdata'].map((folder) => `--exclude=${folder}`);
  const folders = ['-C', satelliteFolder, '.', '-C', join(pythonPackageFolder, '..'), basename(pythonPackageFolder)];
  // The times of files are no part of what is built: with them, each checkout would be built anew.
  const tar = spawn('tar', ['--create', '--mtime=@0', '--owner=0', '--group=0', '--sort=name', ...left, ...folders], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await buildImage(name, tar.stdout);
  return name;
}

/** Takes the image's name away and leaves its layers, so that the next build is quick. */
export async function forgetImage(name: string): Promise<void> {
  await callEngine({ method: 'DELETE', path: `/images/${name}`, query: { force: '1', noprune: '1' }, expects: [404] });
}

export interface SealedSatellite {
  readonly satellite: SatelliteProcess;
  readonly gateway: FilesGateway;
  ask(request: { readonly config: object; readonly file: object }): ReturnType<SatelliteProcess['ask']>;
}

let asked = 0;

/** Starts the satellite in a sealed container, with a gateway for its files. Both end with the test. */
export async function startSealed(image: string): Promise<SealedSatellite> {
  const folder = await mkdtemp(join(tmpdir(), 'exosphere-docling-'));
  await chmod(folder, 0o755);
  const gateway = await startFilesGateway(join(folder, 'files.sock'), 'a-token');
  const name = `exosphere-test-${randomBytes(6).toString('hex')}`;
  const satellite = startSatellite(['docker', 'run', '-i', '--rm', '--name', name, ...seal, '-v', `${folder}:/run/exosphere:ro`, image]);
  onTestFinished(async () => {
    await run('docker', ['rm', '--force', name]).catch(() => {}); // it ended already
    await satellite.kill();
    await gateway.stop();
    await rm(folder, { recursive: true, force: true });
  });
  satellite.send({ exosphere: 1, concurrency: 1, files: '/run/exosphere/files.sock', egress: null, endpoints: {} });
  await satellite.line((line) => line['ready'] === true);
  return {
    satellite,
    gateway,
    ask: ({ config, file }) => {
      asked += 1;
      const execution = `run/parse/${asked}`;
      const head = { nonce: asked.toString(16).padStart(32, '0'), execution, 'idempotency-key': execution, attempt: 1 };
      return satellite.ask({ ...head, 'timeout-ms': 120_000, config, item: { file }, secrets: {}, 'files-token': 'a-token' });
    },
  };
}

/** Runs a command in a sealed container, with a folder at /tests. Fails with what it printed. */
export async function runSealed(image: string, tests: string, command: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run('docker', ['run', '--rm', ...seal, '-v', `${tests}:/tests:ro`, image, ...command]);
  return stdout + stderr;
}
