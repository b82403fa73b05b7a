import type { EndedStatus, ExecutionStatus, Json, JsonObject, RunStatus } from '@exosphere/model';
import type { SatelliteManifest } from '@exosphere/satellite-protocol';

/** One worked example, or one variant of it, with everything that it needs. */
export interface WorkedCase {
  /** `name of the example`, or `name of the example: name of the variant`. */
  readonly name: string;
  /** The whole cluster file as data. */
  readonly cluster: JsonObject;
  /** Other cluster files that are known, by identifier. */
  readonly clusters: Readonly<Record<string, JsonObject>>;
  readonly manifests: readonly SatelliteManifest[];
  readonly inputs: JsonObject;
  readonly faults: readonly WorkedFault[];
  readonly actions: readonly WorkedAction[];
  readonly expect: WorkedExpectation;
}

/** What goes wrong at one execution. */
export interface WorkedFault {
  /** Number of the run, from 1. */
  readonly run: number;
  /** Name of the execution. */
  readonly at: string;
  /** The attempts, from 1; null: every one. */
  readonly attempts: readonly number[] | null;
  readonly effect:
    | { readonly kind: 'error'; readonly message: string; readonly code: string; readonly retryable: boolean }
    | { readonly kind: 'lost' }
    | { readonly kind: 'returns'; readonly objects: readonly JsonObject[] }
    | { readonly kind: 'hold'; readonly as: 'pending' | 'running' };
}

/** What is done from outside, when nothing can move but what is held. */
export type WorkedAction =
  | { readonly kind: 'release'; readonly run: number; readonly at: string }
  | { readonly kind: 'cancel'; readonly run: number }
  | { readonly kind: 'retry'; readonly run: number }
  | { readonly kind: 'trigger'; readonly inputs: JsonObject }
  | { readonly kind: 'expect'; readonly expect: WorkedExpectation };

/** How many executions of a step have a status; `continued` are among the completed. */
export type WorkedCounts = Readonly<Partial<Record<ExecutionStatus | 'continued', number>>>;

/** What must be true. What is absent is not asked for; `steps` and `diagnostics`, where present, are exact. */
export interface WorkedExpectation {
  readonly run?: RunStatus | 'refused';
  readonly steps?: Readonly<Record<string, WorkedCounts>>;
  /** By name of the execution: each field named must be equal. */
  readonly executions?: Readonly<Record<string, JsonObject>>;
  readonly diagnostics?: readonly WorkedDiagnostic[];
  /** By step: sizes of the calls to its satellite, in order. */
  readonly calls?: Readonly<Record<string, readonly number[]>>;
  readonly missed?: readonly string[];
  readonly 'inner-runs'?: Readonly<Record<string, WorkedInnerRun>>;
  readonly logs?: Readonly<Record<string, { readonly 'input-keys': readonly string[]; readonly config: JsonObject }>>;
  /** Statuses of all runs, in order of their triggers. */
  readonly runs?: readonly RunStatus[];
  readonly events?: readonly WorkedEvent[];
}

/** The run that an execution of a sub-cluster's step started; `calls` are numbers of calls. */
export interface WorkedInnerRun {
  readonly run: RunStatus;
  readonly steps: Readonly<Record<string, Readonly<Partial<Record<EndedStatus, number>>>>>;
  readonly calls: Readonly<Record<string, number>>;
}

/** What became of a trigger. */
export type WorkedEvent =
  { readonly outcome: 'started'; readonly run: number } | { readonly outcome: 'skipped'; readonly because: readonly number[] };

/** A diagnostic as the examples state it. */
export interface WorkedDiagnostic {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly at: string;
  readonly found?: Json;
  readonly hint?: string;
  readonly 'implied-by'?: string;
}
