import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseHome, ServerAccount } from './database-home.ts';
import { EmbeddedDatabaseError } from './embedded-database-error.ts';
import { lastLines } from './server-log.ts';
import { runProgram } from './run-program.ts';
import type { ServerBinaries } from './server-binaries.ts';
import { serverState } from './server-state.ts';

export interface StopOptions {
  readonly account: ServerAccount | null;
  /** `fast` writes everything to its place; `immediate` leaves that to the next start. */
  readonly mode: 'fast' | 'immediate';
  readonly timeoutMs?: number;
}

/** Tells the server to stop, and waits for it. False: it was still at it when the time was up, and will end by itself. */
export async function stopServer(home: DatabaseHome, binaries: ServerBinaries, options: StopOptions): Promise<boolean> {
  if ((await serverState(home)).kind !== 'running') return true;
  const args = ['stop', '-D', home.dataDirectory, '-m', options.mode, '--no-wait'];
  const { exitCode, output } = await runProgram(binaries.pgCtl, args, { cwd: home.directory, account: options.account });
  // It may have ended by itself in between.
  if (exitCode !== 0 && (await serverState(home)).kind === 'running') {
    throw new EmbeddedDatabaseError({
      code: 'embedded-not-answering',
      found: `The embedded database in ${home.dataDirectory} could not be told to stop (exit code ${exitCode ?? 'none'})`,
      advice: 'It goes on running; the next who uses it stops it.',
      retryable: true,
      log: lastLines(output),
    });
  }
  return await untilStopped(home, options.timeoutMs ?? 15_000);
}

/** True once no server runs on these data, false when the time is up. */
export async function untilStopped(home: DatabaseHome, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while ((await serverState(home)).kind === 'running') {
    signal?.throwIfAborted();
    if (performance.now() > deadline) return false;
    await sleep(5);
  }
  return true;
}
