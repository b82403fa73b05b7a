import type { PlanStep, RunId } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import type { OpenSatellite, SatelliteRuntime } from '@exosphere/ports';
import { stepAt } from '@exosphere/run-machine';
import type { Satellites } from './desk.ts';
import type { RunInfo } from './run-info.ts';

/** Opens the satellites of the runs that a worker has shards of: one for each run and step, closed when the run's last shard is gone. */
export class OpenSatellites implements Satellites {
  readonly #runtimes: readonly SatelliteRuntime[];
  readonly #open = new Map<RunId, Map<number, Promise<OpenSatellite>>>();
  readonly #signal: AbortSignal;

  constructor(runtimes: readonly SatelliteRuntime[], signal: AbortSignal) {
    this.#runtimes = runtimes;
    this.#signal = signal;
  }

  open(run: RunInfo, index: number): Promise<OpenSatellite> {
    const steps = this.#open.get(run.row.id) ?? new Map<number, Promise<OpenSatellite>>();
    this.#open.set(run.row.id, steps);
    const known = steps.get(index);
    if (known !== undefined) return known;
    const opening = this.#openNew(run, index);
    steps.set(index, opening);
    opening.catch(() => steps.delete(index));
    return opening;
  }

  #openNew(run: RunInfo, index: number): Promise<OpenSatellite> {
    return openWith(this.#runtimes, run, stepAt(run.graph, index).plan, this.#signal);
  }

  async close(run: RunId): Promise<void> {
    const steps = this.#open.get(run);
    this.#open.delete(run);
    for (const opening of steps?.values() ?? []) {
      const satellite = await opening.catch(() => null); // what could not be opened need not be closed
      await satellite?.close();
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
  signal: AbortSignal,
): Promise<OpenSatellite> {
  const { satellite, identifier, fresh } = step;
  const runtime = runtimes.find((one) => one.runs(satellite));
  if (runtime === undefined) {
    throw new ExosphereError('runtime-unavailable', `no runtime of this worker runs ${satellite.reference}@${satellite.version}`, {
      retryable: true,
    });
  }
  return runtime.open(satellite, { project: run.row.project, run: run.row.id, step: identifier, fresh, signal });
}
