import type { PlanStep, RunId } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import type { OpenOptions, OpenSatellite, SatelliteRuntime } from '@exosphere/ports';
import { stepAt } from '@exosphere/run-machine';
import type { OpenNote, Satellites } from './desk.ts';
import type { RunInfo } from './run-info.ts';

interface Opening {
  readonly satellite: Promise<OpenSatellite>;
  /** Gives up what is not open yet. */
  readonly stop: AbortController;
  /** Who hears of it now. */
  readonly listener: { note: OpenNote };
  opened: OpenSatellite | null;
}

/** Opens the satellites of the runs that a worker has shards of: one for each run and step, closed when the run's last shard is gone. */
export class OpenSatellites implements Satellites {
  readonly #runtimes: readonly SatelliteRuntime[];
  readonly #open = new Map<RunId, Map<number, Opening>>();
  readonly #signal: AbortSignal;

  constructor(runtimes: readonly SatelliteRuntime[], signal: AbortSignal) {
    this.#runtimes = runtimes;
    this.#signal = signal;
  }

  opened(run: RunInfo, index: number): OpenSatellite | null {
    return this.#open.get(run.row.id)?.get(index)?.opened ?? null;
  }

  open(run: RunInfo, index: number, note: OpenNote): Promise<OpenSatellite> {
    const steps = this.#open.get(run.row.id) ?? new Map<number, Opening>();
    this.#open.set(run.row.id, steps);
    const known = steps.get(index);
    if (known !== undefined) {
      known.listener.note = note;
      return known.satellite;
    }
    const opening = this.#openNew(run, index, note);
    steps.set(index, opening);
    opening.satellite.then(
      (opened) => (opening.opened = opened),
      () => steps.delete(index),
    );
    return opening.satellite;
  }

  #openNew(run: RunInfo, index: number, note: OpenNote): Opening {
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#signal, stop.signal]);
    const listener = { note };
    const satellite = openWith(this.#runtimes, run, stepAt(run.graph, index).plan, {
      signal,
      note: (message, fields) => listener.note(message, fields),
    });
    return { satellite, stop, listener, opened: null };
  }

  async close(run: RunId): Promise<void> {
    const steps = this.#open.get(run);
    this.#open.delete(run);
    for (const { stop, opened } of steps?.values() ?? []) if (opened === null) stop.abort();
    for (const { satellite } of steps?.values() ?? []) {
      const open = await satellite.catch(() => null); // what could not be opened need not be closed
      await open?.close();
    }
  }

  async closeAll(): Promise<void> {
    for (const run of [...this.#open.keys()]) await this.close(run);
  }
}

/** Opens the satellite of one step. @throws ExosphereError as the port SatelliteRuntime says */
export async function openWith(
  runtimes: readonly SatelliteRuntime[],
  run: RunInfo,
  step: PlanStep,
  options: Pick<OpenOptions, 'signal' | 'note'>,
): Promise<OpenSatellite> {
  const { satellite, identifier, fresh } = step;
  const runtime = runtimes.find((one) => one.runs(satellite));
  if (runtime === undefined) {
    throw new ExosphereError('runtime-unavailable', `no runtime of this worker runs ${satellite.reference}@${satellite.version}`, {
      retryable: true,
    });
  }
  return runtime.open(satellite, { project: run.row.project, run: run.row.id, step: identifier, fresh, ...options });
}
