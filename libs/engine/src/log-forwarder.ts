import type { RunId, WorkerId } from '@exosphere/model';
import { asId, uuidv7 } from '@exosphere/model';
import type { Ledger, LogReader } from '@exosphere/ports';
import { RunForwarding } from './run-forwarding.ts';
import type { DeliveryPlace } from './sink-delivery.ts';
import type { SinkPlace } from './sink-work.ts';
import { Wake } from './wake.ts';

export interface LogForwarderOptions extends DeliveryPlace {
  readonly ledger: Ledger & LogReader;
  /** Most runs at once; default 500. */
  readonly runs?: number;
  /** ms between two looks for runs to forward, and for the end of those that it has; default 1,000. */
  readonly lookEveryMs?: number;
  /** Most ms that a record waits for others; default 5,000. */
  readonly waitMs?: number;
}

/** Who could not renew for so long stops; the lease lasts 20 s. */
const givenUpAfterMs = 15_000;

/**
 * Hands the log records of runs to the sinks that their clusters name (spec 3.7). Any number of processes have one: a lease gives each run to
 * one of them. What becomes of a delivery never touches the status of the run.
 */
export class LogForwarder {
  readonly id: WorkerId;
  readonly #options: LogForwarderOptions;
  readonly #place: SinkPlace;
  readonly #runs = new Map<RunId, RunForwarding>();
  readonly #wake: Wake;
  #renewedAt: number;

  constructor(options: LogForwarderOptions) {
    const { clock, ledger } = options;
    this.id = asId<WorkerId>(uuidv7(clock.now(), clock.bytes(10)));
    this.#options = options;
    this.#place = { ...options, worker: this.id, logs: ledger, waitMs: options.waitMs ?? 5_000 };
    this.#wake = new Wake(clock);
    this.#renewedAt = clock.now();
  }

  /** A run may have ended: look at once. */
  nudge(): void {
    this.#wake.ring();
  }

  /** Works until the signal aborts; then what runs is stopped, and other processes may go on at once. */
  async work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#look();
      await this.#wake.wait(this.#options.lookEveryMs ?? 1_000, signal);
    }
    await this.#release();
  }

  async #look(): Promise<void> {
    const { clock, ledger, report } = this.#options;
    const now = clock.now();
    if (now - this.#renewedAt >= givenUpAfterMs) this.#stopAll();
    try {
      const claimed = await ledger.claimForwarding(this.id, { max: this.#options.runs ?? 500 });
      this.#renewedAt = now;
      const ours = new Set(claimed.map(({ run }) => run));
      for (const [run, forwarding] of this.#runs) if (!ours.has(run)) forwarding.stop();
      for (const { run, ended } of claimed) await this.#forward(run, ended);
    } catch (error) {
      report.warn('the logs of runs could not be looked for', { worker: this.id, error });
    }
  }

  async #forward(run: RunId, ended: boolean): Promise<void> {
    const known = this.#runs.get(run);
    if (known !== undefined) return known.hear(ended);
    const forwarding = new RunForwarding(this.#place, run, ended);
    this.#runs.set(run, forwarding);
    // one that was stopped keeps its place until nothing of it runs any more: two would deliver out of order
    void forwarding.done.then(() => this.#runs.delete(run));
  }

  #stopAll(): void {
    for (const forwarding of this.#runs.values()) forwarding.stop();
  }

  async #release(): Promise<void> {
    const { ledger, report } = this.#options;
    const runs = [...this.#runs.keys()];
    this.#stopAll();
    await Promise.all([...this.#runs.values()].map((forwarding) => forwarding.done));
    try {
      if (runs.length > 0) await ledger.releaseForwarding(this.id, runs);
    } catch (error) {
      report.warn('the logs of runs could not be given back; their leases lapse', { worker: this.id, error });
    }
  }
}
