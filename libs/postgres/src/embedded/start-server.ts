import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseHome, ServerAccount } from './database-home.ts';
import { diagnoseFailure } from './diagnose-failure.ts';
import { EmbeddedDatabaseError } from './embedded-database-error.ts';
import type { OnProgress } from './embedded-progress.ts';
import { onFiles } from './file-failure.ts';
import { asServer, killGroup, started } from './run-program.ts';
import type { ServerBinaries } from './server-binaries.ts';
import { guardServer } from './server-guard.ts';
import { openServerLog, serverLogTail } from './server-log.ts';
import { settingsAsArguments } from './server-settings.ts';
import { readPostmasterFile } from './server-state.ts';

export interface StartOptions {
  readonly account: ServerAccount | null;
  readonly settings: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly timeoutMs?: number;
}

const pollMs = 4;

/**
 * Starts the server in a session of its own, where it outlives us, and waits until it takes connections: 25 ms, or as long as recovery
 * takes after a crash. The caller holds the lock of the home.
 */
export async function startServer(home: DatabaseHome, binaries: ServerBinaries, options: StartOptions): Promise<void> {
  const guard = await guardServer(home, options.signal);
  try {
    // Nobody runs on these data, so what the file names is gone; its number may be another program's by now.
    if (guard.fd !== null) await rm(join(home.dataDirectory, 'postmaster.pid'), { force: true });
    const log = await onFiles('open', home.logFile, () => openServerLog(home));
    try {
      const args = ['-D', home.dataDirectory, ...settingsAsArguments(options.settings)];
      const child = spawn(binaries.postgres, args, {
        ...asServer({ cwd: home.directory, account: options.account }),
        stdio: ['ignore', log.fd, log.fd, ...(guard.fd === null ? [] : [guard.fd])],
      });
      await started(child, binaries.postgres);
      await untilReady(home, child, { ...options, offset: log.offset });
      child.unref();
    } finally {
      closeSync(log.fd);
    }
  } finally {
    guard.close();
  }
}

async function untilReady(home: DatabaseHome, child: ChildProcess, options: StartOptions & { readonly offset: number }): Promise<void> {
  const began = performance.now();
  const { timeoutMs = 120_000 } = options;
  let told = false;
  for (;;) {
    if (options.signal?.aborted === true) await giveUp(child);
    options.signal?.throwIfAborted();
    if (child.exitCode !== null || child.signalCode !== null) throw await failed(home, child, options.offset);
    const postmaster = await readPostmasterFile(home);
    if (postmaster?.pid === child.pid && postmaster?.status === 'ready') return;
    const waited = performance.now() - began;
    if (waited > timeoutMs) throw slow(home, timeoutMs, options.offset);
    if (waited > 1_500 && !told) {
      told = true;
      options.onProgress?.({
        kind: 'recovering',
        message: 'The embedded database was not shut down cleanly and recovers what was committed',
      });
    }
    await sleep(pollMs);
  }
}

/** Nobody waits for the server any more: it may not stay behind. */
async function giveUp(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  const killLater = setTimeout(() => killGroup(child), 5_000);
  await ended;
  clearTimeout(killLater);
}

async function failed(home: DatabaseHome, child: ChildProcess, offset: number): Promise<EmbeddedDatabaseError> {
  const output = serverLogTail(home, offset) || ((await isFull(home.directory)) ? 'No space left on device (not even for the log)' : '');
  return diagnoseFailure({ doing: 'start', dataDirectory: home.dataDirectory, exitCode: child.exitCode, output });
}

async function isFull(directory: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize < 2 ** 20;
}

function slow(home: DatabaseHome, timeoutMs: number, offset: number): EmbeddedDatabaseError {
  return new EmbeddedDatabaseError({
    code: 'embedded-not-answering',
    found: `The embedded database has been starting for ${Math.round(timeoutMs / 1_000)} s and goes on (${home.dataDirectory})`,
    advice: 'After a crash it recovers what was committed. Try again in a minute.',
    retryable: true,
    log: serverLogTail(home, offset),
  });
}
