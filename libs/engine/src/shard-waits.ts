import type { ExosphereError, LogRecord } from '@exosphere/model';
import type { ClaimedShard, ShardWait } from '@exosphere/ports';
import type { Step } from '@exosphere/run-machine';
import type { Desk } from './desk.ts';
import { stepRecord } from './execution-records.ts';
import type { RunInfo } from './run-info.ts';

/** After so long it is tried again. */
const againAfterMs = 5_000;
/** A call that has lasted for so long did not fail at its start, as it does where a container is not to be had after all. */
const worksAfterMs = 10_000;

/** A call of a satellite whose items waited. */
export interface CallWatch {
  /** It answers: nothing waits any more. */
  works(): void;
  /** The call is over. */
  stop(): void;
}

interface WaitingPlace {
  readonly shard: ClaimedShard;
  readonly run: RunInfo;
  readonly desk: Pick<Desk, 'ledger' | 'clock'>;
  readonly signal: AbortSignal;
}

/**
 * Steps of one shard whose satellites cannot be had now. What is shown of them stands in the ledger, and is written when it changes,
 * not at each try; the log of the run tells each reason once.
 */
export class ShardWaits {
  readonly #place: WaitingPlace;
  readonly #again: () => void;
  readonly #until = new Map<number, number>();
  #noted: readonly ShardWait[];
  #writing: Promise<unknown> = Promise.resolve();

  /** @param again told when a step is to be tried again */
  constructor(place: WaitingPlace, again: () => void) {
    this.#place = place;
    this.#again = again;
    this.#noted = place.shard.waits;
  }

  /** Whether the items of a step wait. */
  holds(step: number): boolean {
    return this.#until.has(step);
  }

  /** When the first of them is tried again; null: none waits. */
  get dueAt(): number | null {
    return this.#until.size === 0 ? null : Math.min(...this.#until.values());
  }

  /** The satellite of this step cannot be opened. False: the shard is no longer this worker's. */
  async begin(step: Step, { code, message }: ExosphereError): Promise<boolean> {
    const { clock } = this.#place.desk;
    const until = clock.now() + againAfterMs;
    this.#until.set(step.index, until);
    void clock.sleep(againAfterMs, this.#place.signal).then(() => {
      if (this.#until.get(step.index) !== until) return;
      this.#until.delete(step.index);
      this.#again();
    });
    const wait = { step: step.index, reason: message };
    if (this.#noted.some((other) => isSame(other, wait))) return true;
    const record = stepRecord(this.#place, step, { level: 'warn', message: `its items wait: ${message}`, fields: { code } });
    return this.#note([...this.#withoutStep(step), wait], { wait, record });
  }

  /**
   * The satellite of this step is called. That it could be opened does not yet mean that it works: what waited is shown until it answers,
   * or has worked for a while.
   */
  watch(step: Step): CallWatch | null {
    if (!this.#noted.some((other) => other.step === step.index)) return null;
    const over = new AbortController();
    const works = (): void => {
      if (this.#place.signal.aborted || !this.#noted.some((other) => other.step === step.index)) return;
      // only what is shown depends on it: a shard that is lost, or a ledger that is away, is noticed elsewhere
      this.#note(this.#withoutStep(step), null).catch(() => undefined);
    };
    void this.#place.desk.clock.sleep(worksAfterMs, AbortSignal.any([over.signal, this.#place.signal])).then(() => {
      if (!over.signal.aborted) works();
    });
    return { works, stop: () => over.abort() };
  }

  /** All of them are to be looked at anew: the run is ending. */
  letGo(): void {
    this.#until.clear();
  }

  #withoutStep(step: Step): readonly ShardWait[] {
    return this.#noted.filter((other) => other.step !== step.index);
  }

  /** One after the other: what is written last stays. */
  #note(waits: readonly ShardWait[], news: { readonly wait: ShardWait; readonly record: LogRecord } | null): Promise<boolean> {
    this.#noted = waits;
    const { shard, desk } = this.#place;
    const noting = this.#writing.then(() => desk.ledger.noteWaits(shard, waits, news));
    this.#writing = noting.catch(() => undefined); // told to whoever waits for it
    return noting;
  }
}

/** A port or an id that is another one at each try does not make it another reason. */
function isSame(a: ShardWait, b: ShardWait): boolean {
  return a.step === b.step && gist(a.reason) === gist(b.reason);
}

function gist(reason: string): string {
  return reason.replace(/[0-9a-f]*[0-9][0-9a-f]*/gi, '#');
}
