import type { RunId, ShardId } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import type { ClaimedShard, CommitOutcome, Ledger, NewShard, RunControl, WorkerReport } from '@exosphere/ports';
import type { Draft } from './shard-book.ts';
import type { ShardWork } from './shard-work.ts';

/** Most rows of one commit. */
const mostRows = 500;

/** What the flusher tells the worker. */
export interface FlushNews {
  /** Gates are due. What follows in these runs waits until this settles. */
  fired(shards: readonly ClaimedShard[]): Promise<void>;
  settled(runs: readonly RunId[]): void;
  controls(controls: ReadonlyMap<RunId, RunControl>): void;
  /** Shards were written that are due later: when the first of them is. */
  delayed(dueAt: number): void;
}

/**
 * Group commit: whatever waits is recorded as soon as a flusher is free, several shards in one transaction. While one commit is under
 * way the next one gathers.
 */
export class Flusher {
  readonly #ledger: Ledger;
  readonly #shards: ReadonlyMap<ShardId, ShardWork>;
  readonly #slot: number;
  readonly #news: FlushNews;
  readonly #report: WorkerReport;
  readonly #most: number;
  #active = 0;
  #isScheduled = false;

  constructor(options: {
    ledger: Ledger;
    shards: ReadonlyMap<ShardId, ShardWork>;
    slot: number;
    news: FlushNews;
    report: WorkerReport;
    flushers: number;
  }) {
    this.#ledger = options.ledger;
    this.#shards = options.shards;
    this.#slot = options.slot;
    this.#news = options.news;
    this.#report = options.report;
    this.#most = options.flushers;
  }

  /** Something waits. What is said in the same turn goes together. */
  readonly dirty = (): void => {
    if (this.#isScheduled || this.#active >= this.#most) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  };

  #flush(): void {
    if (this.#active >= this.#most) return;
    const drawn = this.#draw();
    if (drawn.length === 0) return;
    this.#active += 1;
    void this.#commit(drawn).finally(() => {
      this.#active -= 1;
      this.dirty();
    });
  }

  #draw(): readonly (readonly [ShardWork, Draft])[] {
    const drawn: (readonly [ShardWork, Draft])[] = [];
    let room = mostRows;
    for (const work of this.#shards.values()) {
      if (room <= 0) break;
      if (!work.wantsFlush) continue;
      const draft = work.draw(room);
      room -= Math.max(1, draft.shard.ended.length + draft.shard.chunks.length);
      drawn.push([work, draft]);
    }
    return drawn;
  }

  async #commit(drawn: readonly (readonly [ShardWork, Draft])[]): Promise<void> {
    const newShards = drawn.flatMap(([, draft]) => draft.newShards);
    try {
      const outcome = await this.#ledger.commit({ slot: this.#slot, shards: drawn.map(([, draft]) => draft.shard), newShards });
      await this.#settle(drawn, newShards, outcome);
    } catch (error) {
      // whether it happened is not known: what is true stands in the tables, and who takes these shards next reads it there
      if (!(error instanceof ExosphereError)) this.#report.warn('a commit failed for a fault of ours', { error });
      else this.#report.warn('a commit failed', { code: error.code, message: error.message });
      for (const [work] of drawn) work.lose();
    }
  }

  async #settle(drawn: readonly (readonly [ShardWork, Draft])[], newShards: readonly NewShard[], outcome: CommitOutcome): Promise<void> {
    if (outcome.kind === 'committed') {
      this.#news.controls(outcome.controls);
      await this.#news.fired(outcome.fired);
      for (const [work, draft] of drawn) work.committed(draft);
      const due = newShards.flatMap((shard) => shard.dueAt ?? []);
      if (due.length > 0) this.#news.delayed(Math.min(...due));
      this.#news.settled(outcome.settled);
      return;
    }
    if (outcome.kind === 'blob-gone') {
      this.#report.warn('blobs that values name are gone', { digests: outcome.digests });
      for (const [work] of drawn) work.lose();
      return;
    }
    const stale = new Set(outcome.shards);
    for (const [work] of drawn) if (stale.has(work.shard.id)) work.lose();
    // nothing was recorded: the others are committed again without the stale ones
    const rest = drawn.filter(([work]) => !stale.has(work.shard.id));
    if (rest.length > 0) await this.#commit(rest);
  }
}
