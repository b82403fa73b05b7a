import { ExosphereError } from '@exosphere/model';
import type { Clock, Ledger, OverdueRun, WorkerReport } from '@exosphere/ports';
import { finishRun } from './finish-run.ts';
import { RunRegistry } from './run-info.ts';
import { slaMiss } from './sla-miss.ts';

export interface SchedulerOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly report: WorkerReport;
  /** Told when there is work that nobody may know of; for a worker of the same process. */
  readonly onWork?: () => void;
}

const mostWaitMs = 1_000;
const leastWaitMs = 10;
/** ms between two looks for runs that a crash left behind. */
const settleEveryMs = 5_000;
const mostRuns = 100;

/**
 * Wakes what is due, ends runs that a crash left behind, and acts on missed SLAs. Any number of processes have one: each thing is done
 * once, by the ledger, whoever looks first.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #runs: RunRegistry;
  #settledAt = Number.NEGATIVE_INFINITY;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#runs = new RunRegistry(options.ledger);
  }

  /** Works until the signal aborts. */
  async work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const wait = await this.look();
      await this.#options.clock.sleep(wait, signal);
    }
  }

  /** Does what is to be done now. Answers with how many ms it can wait until it looks again. */
  async look(): Promise<number> {
    const { clock } = this.#options;
    await this.#tried('missed SLAs could not be looked for', () => this.#actOnMisses());
    if (clock.now() - this.#settledAt >= settleEveryMs) {
      this.#settledAt = clock.now();
      await this.#tried('runs without work could not be looked for', () => this.#finishSettled());
    }
    const nextDueAt = await this.#tried('what is due could not be woken', () => this.#wakeDue());
    return nextDueAt === null ? mostWaitMs : Math.min(mostWaitMs, Math.max(leastWaitMs, nextDueAt - clock.now()));
  }

  async #wakeDue(): Promise<number | null> {
    const { woken, nextDueAt } = await this.#options.ledger.wakeDue();
    if (woken > 0) this.#options.onWork?.();
    return nextDueAt;
  }

  async #finishSettled(): Promise<null> {
    const { ledger, clock } = this.#options;
    for (const run of await ledger.settledRuns(mostRuns)) {
      await this.#tried('a run could not be ended yet', () => finishRun({ ledger, clock, runs: this.#runs }, run), { run });
      this.#options.onWork?.();
    }
    return null;
  }

  async #actOnMisses(): Promise<null> {
    for (const overdue of await this.#options.ledger.overdueRuns(mostRuns)) {
      await this.#tried('a missed SLA could not be acted on', () => this.#actOn(overdue), { run: overdue.run });
    }
    return null;
  }

  async #actOn({ run, revision, missed }: OverdueRun): Promise<void> {
    const { ledger, clock } = this.#options;
    if (missed === 'long-ago') {
      await ledger.control(run, 'overdue-all');
      return;
    }
    const { graph } = await this.#runs.compile(revision);
    await ledger.missDeadline(run, slaMiss(clock, run, graph.plan));
    this.#options.onWork?.();
  }

  /** What fails now is done when it is looked for again; null: it failed. */
  async #tried<T>(message: string, act: () => Promise<T>, fields: Readonly<Record<string, unknown>> = {}): Promise<T | null> {
    try {
      return await act();
    } catch (error) {
      const code = error instanceof ExosphereError ? error.code : 'internal';
      this.#options.report.warn(message, { ...fields, code, error });
      return null;
    }
  }
}
