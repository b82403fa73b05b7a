import type { WorkerOptions } from '@exosphere/engine';
import { Worker } from '@exosphere/engine';
import type { RunId } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import type { Ledger, LogReader } from '@exosphere/ports';
import { withCrashPoints } from '../crash-points.ts';

/** What happens to a worker at a point: it goes on, loses its connection there, or dies there. */
export type Fate = 'go' | 'cut' | 'die';

/** Decides the fate of worker number `worker` (from 0) at a point. */
export type Fates = (point: { readonly worker: number; readonly method: string; readonly phase: 'before' | 'after' }) => Fate;

/** Workers of which some may die; each that dies is replaced. */
export class Crew {
  readonly #options: WorkerOptions;
  readonly #ledger: Ledger & LogReader;
  readonly #fates: Fates;
  readonly #stop = new AbortController();
  readonly #alive = new Map<Worker, Promise<void>>();
  readonly #dead = new WeakSet<Worker>();
  readonly #deaths = new WeakMap<Worker, PromiseWithResolvers<void>>();
  #started = 0;

  constructor(options: WorkerOptions & { readonly ledger: Ledger & LogReader }, fates: Fates) {
    this.#options = options;
    this.#ledger = options.ledger;
    this.#fates = fates;
  }

  get workers(): readonly Worker[] {
    return [...this.#alive.keys()];
  }

  /** How many there have been. */
  get started(): number {
    return this.#started;
  }

  start(count: number): void {
    for (let i = 0; i < count; i += 1) this.#startOne();
  }

  async renew(): Promise<void> {
    await Promise.all(this.workers.map((worker) => Promise.race([worker.renew(), this.#deaths.get(worker)?.promise])));
  }

  forget(run: RunId): void {
    for (const worker of this.workers) worker.forget(run);
  }

  nudge(): void {
    for (const worker of this.workers) worker.nudge();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#alive].map(([worker, working]) => Promise.race([working, this.#deaths.get(worker)?.promise])));
  }

  #startOne(): void {
    const number = this.#started;
    this.#started += 1;
    const ledger = withCrashPoints(this.#ledger, (method, phase) => this.#meetFate(worker, this.#fates({ worker: number, method, phase })));
    const worker = new Worker({ ...this.#options, ledger });
    this.#deaths.set(worker, Promise.withResolvers());
    this.#alive.set(worker, worker.work(this.#stop.signal));
  }

  #meetFate(worker: Worker, fate: Fate): void | Promise<void> {
    if (this.#dead.has(worker)) return new Promise(() => undefined); // the dead do nothing more
    if (fate === 'go' || this.#stop.signal.aborted) return;
    if (fate === 'cut') throw new ExosphereError('database-unavailable', 'the connection was cut by the test', { retryable: true });
    this.#alive.delete(worker);
    this.#dead.add(worker);
    this.#deaths.get(worker)?.resolve();
    this.#startOne();
    return new Promise(() => undefined);
  }
}
