import { refused } from '../link/ask-failure.ts';

/** The timers of one cell. */
export interface CellTimers {
  wait(id: number, ms: number): Promise<null>;
  cancel(id: number): null;
  close(): void;
}

const mostTimers = 10_000;
const longestMs = 2 ** 31 - 1;

export function openCellTimers(): CellTimers {
  const running = new Map<number, NodeJS.Timeout>();
  return {
    wait: (id, ms) =>
      new Promise((resolve, reject) => {
        if (running.size >= mostTimers) {
          reject(refused(`More than ${mostTimers} timers are running.`, 'not-supported'));
          return;
        }
        const timer = setTimeout(
          () => {
            running.delete(id);
            resolve(null);
          },
          Math.min(Math.max(ms, 0), longestMs),
        );
        running.set(id, timer);
      }),
    cancel(id) {
      clearTimeout(running.get(id));
      running.delete(id);
      return null;
    },
    close() {
      for (const timer of running.values()) clearTimeout(timer);
      running.clear();
    },
  };
}
