import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseHome } from './database-home.ts';
import type { OnProgress } from './embedded-progress.ts';
import { leaveServer } from './leave-server.ts';
import { openServer } from './open-server.ts';
import type { OpenServer } from './open-server.ts';
import type { Presence } from './presence.ts';
import { boundServerLog } from './server-log.ts';
import { whileLocked } from './start-stop-lock.ts';

export interface HoldOptions {
  readonly home: DatabaseHome;
  readonly server: OpenServer;
  readonly onProgress?: OnProgress | undefined;
  /** After the server was started anew: it has another process. */
  readonly onRestored: (server: OpenServer) => Promise<void>;
}

export interface Hold {
  readonly release: () => Promise<void>;
}

const firstDelayMs = 100;
const longestDelayMs = 5_000;
const logCheckMs = 60_000;

/**
 * Keeps our presence on the server until it is released. A server that ended under us (killed for memory, by an impatient user) is started
 * again on the same port, so that every pool that points at it recovers by itself.
 */
export function holdServer(options: HoldOptions): Hold {
  const { home } = options;
  const leaving = new AbortController();
  const logCheck = setInterval(() => void boundServerLog(home).catch(() => undefined), logCheckMs); // a log that cannot be cut harms nobody today
  logCheck.unref();
  let presence: Presence | null = options.server.presence;

  const watch = async (): Promise<void> => {
    while (presence !== null) {
      await Promise.race([presence.ended, aborted(leaving.signal)]);
      if (leaving.signal.aborted) return;
      presence = null;
      presence = await rejoin(options, leaving.signal);
    }
  };
  const watching = watch();

  let released: Promise<void> | null = null;
  const release = async (): Promise<void> => {
    clearInterval(logCheck);
    leaving.abort();
    await watching;
    if (presence !== null) await leave(home, presence);
  };
  return { release: () => (released ??= release()) };
}

/** Null: we left meanwhile. */
async function rejoin({ home, server, onProgress, onRestored }: HoldOptions, signal: AbortSignal): Promise<Presence | null> {
  let told = '';
  const tell = (message: string): void => {
    if (message !== told) onProgress?.({ kind: 'connection-lost', message });
    told = message;
  };
  tell('The connection to the embedded database was lost');
  for (let delay = firstDelayMs; ; delay = Math.min(delay * 2, longestDelayMs)) {
    try {
      const again = await whileLocked(home, { signal }, () => openServer({ home, signal, samePort: server.connection.port }));
      await onRestored(again);
      onProgress?.({ kind: 'connection-restored', message: `The embedded database answers again (process ${again.pid})` });
      return again.presence;
    } catch (error) {
      if (signal.aborted) return null;
      tell(error instanceof Error ? error.message : String(error));
    }
    await Promise.race([sleep(delay), aborted(signal)]);
  }
}

async function leave(home: DatabaseHome, presence: Presence): Promise<void> {
  try {
    await whileLocked(home, { timeoutMs: 30_000 }, () => leaveServer(home, presence));
  } finally {
    // Also where the lock was not to be had: the server stays then, and the next who uses it stops it.
    await presence.close();
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
