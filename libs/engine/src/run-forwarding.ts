import type { RunId } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import { RunRegistry } from './run-info.ts';
import type { SinkPlace } from './sink-work.ts';
import { SinkWork } from './sink-work.ts';

/** Hands the records of one run to all of its sinks, until they have them or this worker has the run no longer. */
export class RunForwarding {
  readonly #place: SinkPlace;
  readonly #run: RunId;
  readonly #stop = new AbortController();
  #sinks: readonly SinkWork[] = [];
  #endedAt: number | null = null;
  /** Settles when nothing of it runs any more. */
  readonly done: Promise<void>;

  constructor(place: SinkPlace, run: RunId, ended: boolean) {
    this.#place = place;
    this.#run = run;
    this.done = this.#work(ended).catch((error: unknown) => {
      const code = error instanceof ExosphereError ? error.code : 'internal';
      place.report.warn('the forwarding of a log failed; it begins anew', { run, code, error });
    });
  }

  stop(): void {
    this.#stop.abort();
  }

  /** What the lease said of the run. */
  async hear(ended: boolean): Promise<void> {
    if (ended === (this.#endedAt !== null)) return;
    const row = ended ? await this.#place.ledger.readRun(this.#run) : null;
    this.#endedAt = row?.endedAt ?? null;
    for (const sink of this.#sinks) sink.noteEnd(this.#endedAt);
  }

  async #work(ended: boolean): Promise<void> {
    const { ledger, logs, worker } = this.#place;
    const info = await new RunRegistry(ledger).get(this.#run);
    const steps = info.graph.plan.logs;
    const states = await logs.readSinks(
      this.#run,
      steps.map((step) => step.identifier),
    );
    this.#sinks = steps.flatMap((step, i) => {
      const state = states[i];
      return state === undefined ? [] : [new SinkWork(this.#place, info, step, state)];
    });
    // the lease may have told of the end meanwhile
    for (const sink of this.#sinks) sink.noteEnd(this.#endedAt);
    if (ended) await this.hear(ended);
    const ends = await Promise.all(this.#sinks.map((sink) => this.#workFor(sink)));
    if (ends.includes('stopped')) return;
    // false: a new round has begun meanwhile, and the run is claimed anew
    await logs.finishForwarding(worker, this.#run, ends.includes('given-up') ? 'given-up' : 'delivered');
  }

  /** A sink whose work fails for a fault of ours stops the others: all begin anew. */
  async #workFor(sink: SinkWork): ReturnType<SinkWork['work']> {
    try {
      return await sink.work(this.#stop.signal);
    } catch (error) {
      this.stop();
      throw error;
    }
  }
}
