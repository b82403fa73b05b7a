import type { ExecutionFacts } from '@exosphere/run-machine';
import type { BlobStore, Clock, Ledger, OpenOptions, OpenSatellite, SecretSource, WorkerReport } from '@exosphere/ports';
import type { ObjectTexts } from './object-texts.ts';
import type { RunInfo } from './run-info.ts';

/** What all shards of one worker share. */
export interface Desk {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly secrets: SecretSource;
  /** Where lists go that are too large to be values; null: such lists fail. */
  readonly blobs: BlobStore | null;
  readonly texts: ObjectTexts;
  readonly functions: ExecutionFacts['functions'];
  readonly satellites: Satellites;
  /** Told when a shard has something to record. */
  readonly dirty: () => void;
  readonly report: WorkerReport;
  /**
   * A seam for tests that stop the world: an attempt of an execution, named as people see it, is not started before the promise
   * settles (null: it may start). The signal says that it need not be held any more.
   */
  readonly hold:
    | ((run: RunInfo, attempt: { readonly name: string; readonly attempt: number; readonly signal: AbortSignal }) => Promise<void> | null)
    | null;
}

/** Hears of what goes on while a satellite is opened. */
export type OpenNote = NonNullable<OpenOptions['note']>;

/** The satellites that are open for this worker. */
export interface Satellites {
  /** The satellite of a step, if it is open already. */
  opened(run: RunInfo, step: number): OpenSatellite | null;
  /**
   * @param note hears of what takes long; where several wait for the same satellite, the last of them does
   * @throws ExosphereError as the port SatelliteRuntime says
   */
  open(run: RunInfo, step: number, note: OpenNote): Promise<OpenSatellite>;
}
