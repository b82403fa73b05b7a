import type { Branded, LogRecord, RunId, WorkerId } from '@exosphere/model';

/** A place in the log records of a run, behind one of its rows. Only the adapter reads it. */
export type LogCursor = Branded<'LogCursor'>;

/** The records of one row. */
export interface LogChunk {
  /** Behind this row. */
  readonly cursor: LogCursor;
  readonly records: readonly LogRecord[];
}

export interface LogChunks {
  readonly chunks: readonly LogChunk[];
  /**
   * More have been written, but a transaction that began before them is still going and may write some that belong before: they are
   * given out once it has ended. While this is so, not everything has been read, even where there is no chunk.
   */
  readonly waiting: boolean;
}

/** How far a sink has got. */
export interface SinkState {
  readonly sink: string;
  /** Everything up to here was taken; null: nothing yet. */
  readonly cursor: LogCursor | null;
  readonly status: 'pending' | 'delivered' | 'given-up';
  /** ms since 1970: since when it has only failed. */
  readonly failingSince: number | null;
  /** What it failed with last, in one sentence; null: it does not fail. */
  readonly error: string | null;
}

/**
 * Log records for the forwarder: one for each run, whose records it reads in their order and hands to sinks, each with a cursor of
 * its own (spec 3.7). Failures as those of the ledger.
 */
export interface LogReader {
  /**
   * Rows behind `after`, at most `limit`. They are all there is up to the last of them: no row is ever added before one that has been
   * read.
   */
  readLogChunks(run: RunId, after: LogCursor | null, limit: number): Promise<LogChunks>;
  /**
   * Takes runs whose logs are `pending` and that no other worker forwards, for 20 s; also renews those that this worker has.
   * `ended`: its items have ended, so that what it has now is all but for the records of its own forwarding.
   */
  claimForwarding(
    worker: WorkerId,
    options: { readonly max: number },
  ): Promise<readonly { readonly run: RunId; readonly ended: boolean }[]>;
  /** Gives them to another worker. */
  releaseForwarding(worker: WorkerId, runs: readonly RunId[]): Promise<void>;
  /** The states of these sinks, in this order; makes those that are new. */
  readSinks(run: RunId, sinks: readonly string[]): Promise<readonly SinkState[]>;
  /** Records how far a sink has got. False: another worker forwards this run now. */
  advanceSink(worker: WorkerId, run: RunId, state: SinkState): Promise<boolean>;
  /** Settles the delivery of an ended run. False: another worker forwards it now, or it has not ended. */
  finishForwarding(worker: WorkerId, run: RunId, outcome: 'delivered' | 'given-up'): Promise<boolean>;
}
