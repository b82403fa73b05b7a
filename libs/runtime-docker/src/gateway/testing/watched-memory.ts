import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Looks at the resident memory of this process as bytes go by. */
export interface WatchedMemory {
  passed(bytes: number): void;
  /** How much it grew at the most. */
  growth(): number;
}

/**
 * Garbage is collected at every look: without that, some 70 MB of it wait, however much or little was done. The looks come with the
 * bytes and not with the clock, so that a busy machine only makes them slower.
 */
export function watchMemory({ everyBytes }: { readonly everyBytes: number }): WatchedMemory {
  const look = (): number => {
    collect();
    return process.memoryUsage.rss();
  };
  const before = look();
  let most = before;
  let unseen = 0;
  return {
    passed(bytes) {
      unseen += bytes;
      if (unseen < everyBytes) return;
      unseen = 0;
      most = Math.max(most, look());
    },
    growth: () => most - before,
  };
}
