import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { ServerAccount } from './database-home.ts';
import { EmbeddedDatabaseError, useOwnDatabase } from './embedded-database-error.ts';
import { systemCode } from './file-failure.ts';

export interface ProgramOptions {
  /** A folder that the account may enter. */
  readonly cwd: string;
  readonly account: ServerAccount | null;
  readonly signal?: AbortSignal | undefined;
}

export interface ProgramResult {
  readonly exitCode: number | null;
  /** What it said, stdout and stderr as they came. */
  readonly output: string;
}

/** Runs one of PostgreSQL's programs to its end. Aborted, it is killed with all its children before the promise rejects. */
export async function runProgram(file: string, args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  options.signal?.throwIfAborted();
  const child = spawn(file, args, { ...asServer(options), stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = (): void => killGroup(child);
  options.signal?.addEventListener('abort', kill, { once: true });
  try {
    return await finished(child, file);
  } finally {
    options.signal?.removeEventListener('abort', kill);
    options.signal?.throwIfAborted();
  }
}

/** How PostgreSQL's programs are started: for their user, in a session of their own (Ctrl-C is ours to handle), without the caller's PG* variables. */
export function asServer({ cwd, account }: ProgramOptions): {
  readonly cwd: string;
  readonly detached: true;
  readonly env: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
} {
  const { PATH, SystemRoot, TEMP } = process.env;
  const system = { ...(PATH === undefined ? {} : { PATH }), ...(SystemRoot === undefined ? {} : { SystemRoot, TEMP }) };
  const env = { ...system, LC_ALL: 'C', TZ: 'UTC' };
  return { cwd, detached: true, env, ...(account === null ? {} : { uid: account.uid, gid: account.gid }) };
}

/** Waits until a program has started, or says why it cannot run here. */
export async function started(child: ChildProcess, file: string): Promise<void> {
  return await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(cannotRun(file, error)));
  });
}

async function finished(child: ChildProcess, file: string): Promise<ProgramResult> {
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString('utf8');
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  return await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(cannotRun(file, error)));
    child.once('close', (exitCode) => resolve({ exitCode, output }));
  });
}

/** The child leads a group of its own, so this reaches what it started, too. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  if (process.platform === 'win32') {
    child.kill(signal);
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}

function cannotRun(file: string, cause: Error): EmbeddedDatabaseError {
  const code = systemCode(cause);
  if (code === 'EPERM' || code === 'EINVAL') {
    return new EmbeddedDatabaseError({
      code: 'embedded-no-account',
      found: `PostgreSQL does not run as root, and this system does not let root start a program for another user (${code})`,
      advice: `Run Exosphere as an ordinary user. ${useOwnDatabase}`,
      cause,
    });
  }
  // The file is there and still "not found": the system has no loader for it (musl instead of glibc, NixOS).
  const noLoader = code === 'ENOENT' && existsSync(file);
  return new EmbeddedDatabaseError({
    code: 'embedded-unsupported-platform',
    found: noLoader
      ? `The PostgreSQL binaries need glibc, which this system lacks (${file})`
      : `Cannot run ${file} (${code ?? cause.message})`,
    advice: 'Set DATABASE_URL to a PostgreSQL 15 or newer of your own.',
    cause,
  });
}
