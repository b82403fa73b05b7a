import type { Connections, OnWarning } from '../database/pools.ts';
import { statement } from '../database/statement.ts';

export const workChannel = 'exosphere_work';

/** Most often one signal in so many ms: NOTIFY takes a lock of the whole server when it commits. */
const leastGapMs = 5;

/** Tells other processes that there is work. Never inside a transaction of results; a lost one is made up for by polling. */
export interface WorkSignal {
  raise(): void;
  close(): void;
}

const notify = statement<Record<string, unknown>>('notify', `select pg_notify('${workChannel}', '')`);

export function workSignal(connections: Connections, onWarning: OnWarning): WorkSignal {
  let last = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | null = null;
  const send = (): void => {
    timer = null;
    last = performance.now();
    connections
      .query(notify, [])
      .catch((cause: unknown) => onWarning({ message: 'others could not be told of new work: they find it by polling', cause }));
  };
  return {
    raise: () => {
      if (timer !== null) return;
      const left = last + leastGapMs - performance.now();
      if (left > 0) timer = setTimeout(send, left);
      else send();
    },
    close: () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
