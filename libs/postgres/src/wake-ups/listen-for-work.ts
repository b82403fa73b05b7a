import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientConfig } from 'pg';
import pg from 'pg';
import type { OnWarning } from '../database/pools.ts';
import { workChannel } from './work-signal.ts';

const heartbeatMs = 10_000;
const reconnectMs = 500;

/** Calls back for each signal of any process, and after each new connection (what was sent in between is lost). Ends with the signal. */
export async function listenForWork(
  config: ClientConfig,
  onWork: () => void,
  { signal, onWarning }: { signal: AbortSignal; onWarning: OnWarning },
): Promise<void> {
  while (!signal.aborted) {
    try {
      await listenOnce(config, onWork, signal);
    } catch (cause) {
      onWarning({ message: 'the connection that listens for work was lost; it is opened again', cause });
    }
    await sleep(reconnectMs, undefined, { signal }).catch(() => undefined); // ended by the signal: the loop ends
  }
}

async function listenOnce(config: ClientConfig, onWork: () => void, signal: AbortSignal): Promise<void> {
  const client = new pg.Client(config);
  const lost = new Promise<never>((_, reject) => client.on('error', reject));
  lost.catch(() => undefined); // seen below, or after we have gone
  client.on('notification', onWork);
  try {
    await client.connect();
    await client.query(`listen ${workChannel}`);
    onWork();
    for (;;) {
      // a half-open connection is found by asking, not by waiting
      await Promise.race([lost, sleep(heartbeatMs, undefined, { signal }).catch(() => undefined)]);
      if (signal.aborted) return;
      await client.query('select 1');
    }
  } finally {
    await client.end().catch(() => undefined); // it may be gone already
  }
}
