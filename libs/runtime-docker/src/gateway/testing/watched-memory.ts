import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/**
 * How much the resident memory of this process grew at the most while something was done. Garbage is collected at every look: without
 * that, some 70 MB of it wait, however much or little was done.
 */
export async function growthOf(work: () => Promise<void>): Promise<number> {
  const look = (): number => {
    collect();
    return process.memoryUsage.rss();
  };
  const before = look();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, look())), 250);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return most - before;
}
