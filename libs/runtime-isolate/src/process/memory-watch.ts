import { residentBytes } from './resident-memory.ts';

/** A process whose memory is looked at from outside: an isolate's own limit was seen to be passed 18 times over. */
export interface Watched {
  readonly pid: number;
  /** Bytes that it may hold just now; null: it does nothing that could need memory. */
  mostBytes(): number | null;
  exceeded(found: number, most: number): void;
}

export interface MemoryWatch {
  add(watched: Watched): void;
  remove(watched: Watched): void;
  close(): void;
}

/** @param everyMs time between two looks; one costs about 20 µs for each busy process */
export function watchMemory(everyMs: number): MemoryWatch {
  const all = new Set<Watched>();
  const look = (): void => {
    for (const watched of all) {
      const most = watched.mostBytes();
      if (most === null) continue;
      const found = residentBytes(watched.pid);
      if (found !== null && found > most) watched.exceeded(found, most);
    }
  };
  let timer: NodeJS.Timeout | null = null;
  return {
    add(watched) {
      all.add(watched);
      timer ??= setInterval(look, everyMs).unref();
    },
    remove(watched) {
      all.delete(watched);
      if (all.size > 0 || timer === null) return;
      clearInterval(timer);
      timer = null;
    },
    close() {
      all.clear();
      if (timer !== null) clearInterval(timer);
      timer = null;
    },
  };
}
