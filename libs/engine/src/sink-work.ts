import type { PlanStep, WorkerId } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import type { LogChunk, LogCursor, LogReader, SatelliteError, SinkState } from '@exosphere/ports';
import { retryDelay } from '@exosphere/run-machine';
import type { RunInfo } from './run-info.ts';
import type { DeliveryPlace, DueRecords } from './sink-delivery.ts';
import { SinkDelivery } from './sink-delivery.ts';

export interface SinkPlace extends DeliveryPlace {
  readonly worker: WorkerId;
  readonly logs: LogReader;
  /** Most ms that a record waits for others. */
  readonly waitMs: number;
}

/** How the work for one sink ended. `stopped`: not here, or not now. */
export type SinkEnd = 'delivered' | 'given-up' | 'stopped';

/** After the end of the run: how long its sinks are tried. */
const graceMs = 600_000;
const pageRows = 50;
/** While a transaction that began before is still going. */
const waitingMs = 100;
const heldUp = 'records are held up by a transaction on the database server that does not end';
/** While the database does not answer, and between deliveries where the step would wait less and its attempts are used up. */
const pauseMs = 1_000;

/** Rows of the log as one list; `rows` tells where each ends. */
interface Page {
  readonly records: DueRecords['records'];
  readonly rows: readonly { readonly cursor: LogCursor; readonly end: number }[];
}

/**
 * Hands the records of one run to one sink: in order, each at least once. The cursor is moved when the sink has taken what is before it;
 * as long as it takes nothing, nothing behind is sent.
 */
export class SinkWork {
  readonly #place: SinkPlace;
  readonly #run: RunInfo;
  readonly #step: PlanStep;
  readonly #delivery: SinkDelivery;
  #state: SinkState;
  #endedAt: number | null = null;
  /** Aborted when the run ends, or goes on after all: what was waited for is no longer what to wait for. */
  #turn = new AbortController();
  #attempts = 0;

  constructor(place: SinkPlace, run: RunInfo, step: PlanStep, state: SinkState) {
    this.#place = place;
    this.#run = run;
    this.#step = step;
    this.#delivery = new SinkDelivery(place, run, step);
    this.#state = state;
  }

  /** The items of the run have ended, at this time: what the log has now is all. Null: it goes on after all. */
  noteEnd(endedAt: number | null): void {
    if (this.#endedAt === endedAt) return;
    this.#endedAt = endedAt;
    // with the end of the run its retries begin anew
    this.#attempts = 0;
    this.#turn.abort();
    this.#turn = new AbortController();
  }

  async work(signal: AbortSignal): Promise<SinkEnd> {
    if (this.#state.status === 'given-up' && this.#endedAt !== null) return 'given-up';
    try {
      while (!signal.aborted) {
        const end = await this.#guarded(signal);
        if (end !== null) return end;
      }
      return 'stopped';
    } finally {
      await this.#delivery.close();
    }
  }

  /** One page; a database that does not answer is waited for. */
  async #guarded(signal: AbortSignal): Promise<SinkEnd | null> {
    try {
      return await this.#next(signal);
    } catch (error) {
      if (!(error instanceof ExosphereError) || error.code !== 'database-unavailable') throw error;
      this.#place.report.warn('the log of a run could not be read', { ...this.#names(), error });
      await this.#place.clock.sleep(pauseMs, signal);
      return null;
    }
  }

  async #next(signal: AbortSignal): Promise<SinkEnd | null> {
    // looked at before the page is read: what is read then is all
    const isEnded = this.#endedAt !== null;
    const turn = AbortSignal.any([signal, this.#turn.signal]);
    const { chunks, waiting } = await this.#place.logs.readLogChunks(this.#run.row.id, this.#state.cursor, pageRows);
    const end = await this.#handOn(pageOf(chunks), signal);
    if (end !== null) return end;
    if (chunks.length === pageRows) return null;
    if (isEnded && waiting && this.#isLate(0)) return this.#giveUp(heldUp);
    if (isEnded && !waiting) return (await this.#save({ status: 'delivered' })) ? 'delivered' : 'stopped';
    await this.#place.clock.sleep(isEnded ? waitingMs : this.#place.waitMs, turn);
    return null;
  }

  /** Null: the sink has all of the page. */
  async #handOn(page: Page, signal: AbortSignal): Promise<SinkEnd | null> {
    let from = 0;
    while (from < page.records.length) {
      const due = { records: page.records, from, key: this.#keyOf(page, from) };
      const delivery = await this.#delivery.attempt(due, this.#attempts + 1, signal);
      if (delivery.kind === 'stopped' || signal.aborted) return 'stopped';
      if (delivery.kind === 'taken') {
        from = delivery.end;
        if (!(await this.#advance(page, from))) return 'stopped';
        continue;
      }
      const end = await this.#fail(delivery.error, signal);
      if (end !== null) return end;
    }
    // rows without a record
    return page.rows.length === 0 || (await this.#advance(page, from)) ? null : 'stopped';
  }

  /** Names a place in the log, whoever reads it, and however much of it: the same records have the same key in every attempt. */
  #keyOf(page: Page, from: number): string {
    const before = page.rows.findLast((row) => row.end <= from);
    return `${before?.cursor ?? this.#state.cursor ?? 'start'}.${String(from - (before?.end ?? 0))}`;
  }

  async #advance(page: Page, taken: number): Promise<boolean> {
    this.#attempts = 0;
    const cursor = page.rows.findLast((row) => row.end <= taken)?.cursor ?? this.#state.cursor;
    const isSame = cursor === this.#state.cursor && this.#state.failingSince === null;
    return isSame || this.#save({ cursor, failingSince: null, error: null });
  }

  /** Waits for the next attempt (null), or gives up. */
  async #fail(error: SatelliteError, signal: AbortSignal): Promise<SinkEnd | null> {
    const { clock, report } = this.#place;
    const now = clock.now();
    this.#attempts += 1;
    const delay = this.#delayAfter(error);
    const turn = AbortSignal.any([signal, this.#turn.signal]);
    const failing = { failingSince: this.#state.failingSince ?? now, error: `${error.code}: ${error.message}` };
    const fields = { ...this.#names(), code: error.code, message: error.message };
    if (delay === null) return this.#giveUp(failing.error);
    report.warn('log records could not be delivered', { ...fields, nextInMs: delay });
    if (!(await this.#save(failing))) return 'stopped';
    await clock.sleep(delay, turn);
    return null;
  }

  /** While the run goes on, nothing is given up: the step's retries come round and round. */
  #delayAfter({ retryable, retryAfterMs }: SatelliteError): number | null {
    const { retries } = this.#step;
    const delay = retryDelay(retries, { attempts: this.#attempts, retryable, retryAfterMs }, this.#place.clock.random());
    if (this.#endedAt !== null) return delay === null || this.#isLate(delay) ? null : delay;
    if (delay !== null) return delay;
    this.#attempts = 0;
    return Math.max(retries.maxDelayMs, pauseMs, retryAfterMs ?? 0);
  }

  /** Whether the time after the end of the run is over so many ms from now. */
  #isLate(ms: number): boolean {
    return this.#endedAt !== null && this.#place.clock.now() + ms > this.#endedAt + graceMs;
  }

  async #giveUp(error: string): Promise<SinkEnd> {
    this.#place.report.warn('log records are given up', { ...this.#names(), error });
    const failingSince = this.#state.failingSince ?? this.#place.clock.now();
    return (await this.#save({ status: 'given-up', failingSince, error })) ? 'given-up' : 'stopped';
  }

  /** False: another worker forwards this run now. */
  async #save(changes: Partial<SinkState>): Promise<boolean> {
    const state = { ...this.#state, ...changes };
    const isOurs = await this.#place.logs.advanceSink(this.#place.worker, this.#run.row.id, state);
    if (isOurs) this.#state = state;
    return isOurs;
  }

  #names(): { run: string; sink: string } {
    return { run: this.#run.row.id, sink: this.#step.identifier };
  }
}

function pageOf(chunks: readonly LogChunk[]): Page {
  const records: LogChunk['records'][number][] = [];
  const rows = chunks.map((chunk) => {
    for (const record of chunk.records) records.push(record);
    return { cursor: chunk.cursor, end: records.length };
  });
  return { records, rows };
}
