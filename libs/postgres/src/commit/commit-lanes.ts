/** Counters are spread over so many rows each. */
export const countSlots = 16;

/** Numbers the commits that are under way at once, so that each has counters of its own and none waits for the other's COMMIT. */
export interface CommitLanes {
  run<T>(commit: (lane: number) => Promise<T>): Promise<T>;
}

export function commitLanes(): CommitLanes {
  const taken = new Set<number>();
  return {
    run: async (commit) => {
      let lane = 0;
      while (taken.has(lane)) lane += 1;
      taken.add(lane);
      try {
        return await commit(lane);
      } finally {
        taken.delete(lane);
      }
    },
  };
}
