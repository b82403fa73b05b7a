import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { CannotMakeImage } from './stand-in.ts';
import type { Program } from './stand-in.ts';

/** Where administrators' programs are, which not everybody has on the PATH. */
const folders = [
  ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
];

/** The path of a program, or null where there is none. */
export async function findProgram(name: string): Promise<string | null> {
  for (const folder of folders) {
    const path = join(folder, name);
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return path;
  }
  return null;
}

/** Makes sure that the programs are there, or says what to install. */
export async function needPrograms(programs: readonly Program[]): Promise<void> {
  const paths = await Promise.all(programs.map(({ name }) => findProgram(name)));
  const missing = programs.filter((_, index) => paths[index] === null);
  if (missing.length === 0) return;
  const packages = missing.map(({ debianPackage }) => debianPackage).join(' ');
  throw new CannotMakeImage(`${missing.map(({ name }) => name).join(', ')} is missing: apt-get install ${packages}`);
}

/** Runs a program and gives what it printed. Where it fails, the message has the end of it. */
export async function run(name: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const path = (await findProgram(name)) ?? name;
  const options = { env: { ...process.env, ...environment }, timeout: 15 * 60_000, maxBuffer: 64 * 1024 * 1024 };
  try {
    const { stdout } = await promisify(execFile)(path, args, options);
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }; // as promisified execFile fails
    const end = `${stdout}\n${stderr}`.trim().split('\n').slice(-5).join('\n');
    throw new CannotMakeImage(`${name} failed: ${end || String(error)}`, { cause: error });
  }
}
