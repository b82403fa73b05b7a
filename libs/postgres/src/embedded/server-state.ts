import { execFile } from 'node:child_process';
import { readFile, readdir, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DatabaseHome } from './database-home.ts';
import { onFiles, systemCode } from './file-failure.ts';
import { parsePostmasterFile } from './postmaster-file.ts';
import type { PostmasterFile } from './postmaster-file.ts';

const run = promisify(execFile);

export type ServerState =
  /** No data yet. */
  | { readonly kind: 'absent' }
  /** A data directory that lacks what every one has. */
  | { readonly kind: 'damaged' }
  | { readonly kind: 'stopped'; readonly majorVersion: string }
  /** `postmaster.pid` names a process that is gone, or that is not this server. */
  | { readonly kind: 'crashed'; readonly majorVersion: string; readonly pid: number }
  | ({ readonly kind: 'running'; readonly majorVersion: string } & PostmasterFile);

/** What the data directory and the process table say, without connecting. */
export async function serverState(home: DatabaseHome): Promise<ServerState> {
  const majorVersion = await readIfThere(join(home.dataDirectory, 'PG_VERSION'));
  if (majorVersion === null) return { kind: (await isEmpty(home.dataDirectory)) ? 'absent' : 'damaged' };
  const version = { majorVersion: majorVersion.trim() };
  const postmaster = await readPostmasterFile(home);
  if (postmaster === null) return { kind: 'stopped', ...version };
  if (await isServerOf(postmaster.pid, home.dataDirectory)) return { kind: 'running', ...version, ...postmaster };
  return { kind: 'crashed', ...version, pid: postmaster.pid };
}

export async function readPostmasterFile(home: DatabaseHome): Promise<PostmasterFile | null> {
  const text = await readIfThere(join(home.dataDirectory, 'postmaster.pid'));
  return text === null ? null : parsePostmasterFile(text);
}

/** True if the process lives and is the server of this data: after a crash or a reboot another program may have its number. */
export async function isServerOf(pid: number, dataDirectory: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform === 'win32') return true;
  try {
    if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(dataDirectory));
    const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]);
    return stdout.includes(dataDirectory);
  } catch {
    // It ended meanwhile, or belongs to somebody else: the server of this data is ours to look at.
    return false;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

async function isEmpty(directory: string): Promise<boolean> {
  return await onFiles('read', directory, async () => {
    try {
      return (await readdir(directory)).length === 0;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return true;
      throw error;
    }
  });
}

async function readIfThere(file: string): Promise<string | null> {
  return await onFiles('read', file, async () => {
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw error;
    }
  });
}
