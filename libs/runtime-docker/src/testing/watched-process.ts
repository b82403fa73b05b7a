import { readdirSync } from 'node:fs';

/** What this process uses, watched for a while. */
export interface Watch {
  /** The most memory that it had beyond what it had at first, in bytes. */
  grown(): number;
  /** The longest time in ms for which nothing else came to its turn. */
  stalled(): number;
  stop(): void;
}

const everyMs = 20;

/** Watches the memory of this process, and whether it gets round to other things. */
export function watchThisProcess(): Watch {
  (globalThis as { gc?: () => void }).gc?.();
  const start = process.memoryUsage().rss;
  let most = start;
  let last = performance.now();
  let stalled = 0;
  const look = (): void => {
    most = Math.max(most, process.memoryUsage().rss);
    stalled = Math.max(stalled, performance.now() - last - everyMs);
    last = performance.now();
  };
  const timer = setInterval(look, everyMs);
  return {
    grown: () => most - start,
    stalled: () => stalled,
    stop() {
      look();
      clearInterval(timer);
    },
  };
}

/** Open files and connections of this process. */
export function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}
