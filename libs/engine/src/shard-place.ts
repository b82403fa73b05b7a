import type { ExosphereError, LogRecord } from '@exosphere/model';
import type { ClaimedShard } from '@exosphere/ports';
import type { Step } from '@exosphere/run-machine';
import type { Desk } from './desk.ts';
import type { Item } from './item.ts';
import type { Openings } from './openings.ts';
import type { Results } from './results.ts';
import type { RunInfo } from './run-info.ts';
import type { Entry } from './shard-entries.ts';
import type { CallWatch } from './shard-waits.ts';

/** What the work on one shard's items needs of the shard. */
export interface ShardPlace {
  readonly shard: ClaimedShard;
  readonly run: RunInfo;
  readonly desk: Desk;
  readonly results: Results;
  /** Aborted when the lease is lost, or the worker stops at once. */
  readonly signal: AbortSignal;
  /** Something is to be recorded. */
  add(entry: Entry): void;
  log(record: LogRecord): void;
  /** These are to be tried again: the call that they were part of was lost, or it did not come to one. */
  again(items: readonly Item[]): void;
  /** Writes down which members have begun, before they are called. False: the shard is no longer this worker's. */
  noteBegun(): Promise<boolean>;
  /** Satellites of steps that items wait for. */
  readonly openings: Openings;
  /** The satellite of a step is called. Null: nobody was told that its items wait. */
  watch(step: Step): CallWatch | null;
  /** The satellite of a step cannot be had now: these items wait, and the others of the shard go on. */
  putOff(step: Step, items: readonly Item[], reason: ExosphereError): Promise<void>;
  /** Registers a running call, so that a cancel can stop it. */
  began(call: RunningCall): void;
  ended(call: RunningCall): void;
}

export interface RunningCall {
  readonly step: number;
  readonly items: ReadonlySet<Item>;
  readonly stop: AbortController;
}
