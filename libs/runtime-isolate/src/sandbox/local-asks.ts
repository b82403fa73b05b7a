import type { CellNetwork } from './cell-network.ts';
import type { CellTimers } from './cell-timers.ts';
import type { FetchAsk } from './fetch-asks.ts';
import { refused } from '../link/ask-failure.ts';

/** An ask that this process answers, as the guest's side writes it. */
export interface LocalAsk {
  readonly name: string;
  readonly id: number;
  readonly ms?: number;
  readonly fetch?: FetchAsk;
}

const names: ReadonlySet<string> = new Set(['timer', 'timer-cancel', 'fetch', 'fetch-write', 'fetch-end', 'fetch-pull', 'fetch-abort']);

export function isLocalAsk(ask: { readonly name: string }): ask is LocalAsk {
  return names.has(ask.name);
}

/** Answers with JSON, or with bytes. */
export async function answerLocally(
  ask: LocalAsk,
  bytes: ArrayBuffer | undefined,
  { network, timers }: { readonly network: CellNetwork; readonly timers: CellTimers },
): Promise<unknown> {
  switch (ask.name) {
    case 'timer':
      return timers.wait(ask.id, typeof ask.ms === 'number' ? ask.ms : 0);
    case 'timer-cancel':
      return timers.cancel(ask.id);
    case 'fetch':
      if (ask.fetch === undefined) throw refused('The request is missing.');
      return network.fetch(ask.id, ask.fetch, bytes);
    case 'fetch-write':
      return network.write(ask.id, bytes ?? new ArrayBuffer(0));
    case 'fetch-end':
      return network.endWrite(ask.id);
    case 'fetch-pull':
      return network.pull(ask.id);
    case 'fetch-abort':
      return network.abort(ask.id);
    default:
      throw refused(`Unknown ask '${ask.name.slice(0, 40)}'.`, { code: 'not-supported' });
  }
}
