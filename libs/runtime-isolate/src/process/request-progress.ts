/** How far the requests of one call are. Times are ms of one clock that never goes back. */
export interface CallProgress {
  /** Requests without a final answer. */
  readonly open: () => number;
  isOpen(index: number): boolean;
  openOnes(): readonly number[];
  /** Something that the time limit counts from: its start, or its last emitted object. */
  touch(index: number, now: number): void;
  /** This one is started just now, those after it wait: their clocks stand still. */
  waiting(from: number, now: number): void;
  /** Open requests that were never started. */
  unstarted(): readonly number[];
  /** The clock of a request that waits for the worker stands still. */
  hold(index: number): void;
  end(index: number): void;
  /** When the first open request is over its limit; null: none can be. */
  nextDue(): number | null;
  /** Open requests that are over their limit. */
  due(now: number): readonly number[];
}

export function createCallProgress(requests: number, timeoutMs: number, start: number): CallProgress {
  /** Per request: since when its clock runs; null while it stands still; undefined once it has ended. */
  const since: (number | null | undefined)[] = Array.from({ length: requests }, () => start);
  let open = requests;
  let started = requests;
  return {
    open: () => open,
    isOpen: (index) => since[index] !== undefined,
    openOnes: () => since.flatMap((time, index) => (time === undefined ? [] : [index])),
    touch(index, now) {
      if (since[index] !== undefined) since[index] = now;
    },
    hold(index) {
      if (since[index] !== undefined) since[index] = null;
    },
    end(index) {
      if (since[index] === undefined) return;
      since[index] = undefined;
      open -= 1;
    },
    waiting(from, now) {
      for (let index = started; index <= from; index += 1) if (since[index] === null) since[index] = now;
      for (let index = from + 1; index < requests; index += 1) if (since[index] !== undefined) since[index] = null;
      started = from + 1;
    },
    unstarted: () => since.flatMap((time, index) => (index >= started && time !== undefined ? [index] : [])),
    nextDue() {
      let first: number | null = null;
      for (const time of since) if (typeof time === 'number' && (first === null || time < first)) first = time;
      return first === null ? null : first + timeoutMs;
    },
    due: (now) => since.flatMap((time, index) => (typeof time === 'number' && time + timeoutMs <= now ? [index] : [])),
  };
}
