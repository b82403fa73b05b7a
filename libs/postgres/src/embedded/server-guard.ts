import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseHome } from './database-home.ts';
import { EmbeddedDatabaseError } from './embedded-database-error.ts';
import { onFiles } from './file-failure.ts';

/** A lock that the server gets with its open files, so that it lasts exactly as long as one of its processes does. */
export interface ServerGuard {
  /** To be handed to the server; null where the system has no `flock` program. */
  readonly fd: number | null;
  /** Lets go of our part of it. */
  readonly close: () => void;
}

const waitMs = 10_000;

/**
 * Two servers on the same data destroy them. PostgreSQL's own check knows process numbers and shared memory only, which a container that
 * shares the folder does not share; this lock is the kernel's. A server that just crashed may leave processes for a moment: we wait.
 */
export async function guardServer(home: DatabaseHome, signal?: AbortSignal): Promise<ServerGuard> {
  const fd = await onFiles('open', home.guardFile, () => openSync(home.guardFile, 'a', 0o600));
  const close = (): void => closeSync(fd);
  const deadline = performance.now() + waitMs;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const outcome = await tryGuard(fd);
      if (outcome === 'taken') return { fd, close };
      if (outcome === 'no-program') return { fd: null, close };
      if (performance.now() > deadline) throw inUseElsewhere(home);
      await sleep(50, undefined, signal === undefined ? {} : { signal });
    }
  } catch (error) {
    close();
    throw error;
  }
}

/** The lock belongs to the open file that we share with the program, and stays when that ends. */
async function tryGuard(fd: number): Promise<'taken' | 'held-by-another' | 'no-program'> {
  if (process.platform === 'win32') return 'no-program';
  const child = spawn('flock', ['--exclusive', '--nonblock', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd] });
  const held = 1;
  return await new Promise((resolve) => {
    child.once('error', () => resolve('no-program'));
    child.once('close', (exitCode) => resolve(exitCode === 0 ? 'taken' : exitCode === held ? 'held-by-another' : 'no-program'));
  });
}

function inUseElsewhere(home: DatabaseHome): EmbeddedDatabaseError {
  return new EmbeddedDatabaseError({
    code: 'embedded-in-use-elsewhere',
    found: `A server that cannot be reached from here, in another container perhaps, uses the data in ${home.dataDirectory}`,
    advice: 'Stop what uses this folder there, or give both one PostgreSQL with DATABASE_URL.',
    retryable: true,
  });
}
