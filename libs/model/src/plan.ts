import type { Json } from './json.ts';
import type { ClusterId, StepId } from './ids.ts';

/**
 * What a cluster file means, as data: the input of everything that runs.
 *
 * A plan is canonical: the same file with other comments, formatting or aliases gives the same plan, so that its digest names the
 * revision. It holds no secret value. Expressions are kept as the text that the file has and compiled once where they are used.
 */
export interface Plan {
  readonly format: 1;
  readonly identifier: ClusterId;
  readonly title: string | null;
  readonly description: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly runName: string | null;
  /** Most time a run may take, in ms. */
  readonly slaMs: number;
  /** The SLA as the file has it: `6h`. */
  readonly sla: string;
  readonly onSlaMiss: 'continue' | 'fail' | 'cancel';
  readonly triggers: readonly Trigger[];
  readonly inputs: Readonly<Record<string, InputDeclaration>>;
  readonly vars: Readonly<Record<string, Json>>;
  /** Names of the secrets that the file declares, sorted. */
  readonly secrets: readonly string[];
  readonly concurrency: Concurrency | null;
  /** The steps of `satellites`, in file order. */
  readonly steps: readonly PlanStep[];
  readonly failure: FailurePlan | null;
  /** The steps of `logs.satellites`. */
  readonly logs: readonly PlanStep[];
  readonly outputs: Readonly<Record<string, TemplateNode>>;
}

/** One step: of the run itself, of the failure chain, or a sink for log records. */
export interface PlanStep {
  readonly identifier: StepId;
  readonly name: string | null;
  readonly section: 'satellites' | 'failure' | 'logs';
  readonly satellite: LockedSatellite;
  readonly config: TemplateNode;
  /** Null: the item itself (for a join or collect a mapping of its needs, rule 9). */
  readonly input: TemplateNode | null;
  /** The satellite's key → template of one secret. */
  readonly secrets: Readonly<Record<string, TemplateNode>>;
  /** Secrets that this step's templates name, sorted: its grants. */
  readonly grants: readonly string[];
  /** The steps directly before, without those that another one implies (rule 2), in file order. */
  readonly needs: readonly StepId[];
  /**
   * The steps whose objects one execution stands for, outermost first (rule 3). The trigger is not named in it:
   * {@link PlanStep.rooted} tells whether the trigger's item is above it.
   */
  readonly path: readonly StepId[];
  /** False for a `collect: run` and what follows it: the trigger's item is no longer on the path. */
  readonly rooted: boolean;
  readonly collect: Collect | null;
  readonly if: Condition | null;
  readonly onSkip: 'end' | 'pass';
  readonly retries: RetryPolicy;
  /** Time limit of one attempt, in ms. */
  readonly timeoutMs: number;
  /** Wait before the first attempt, in ms. */
  readonly delayMs: number;
  readonly maxParallel: number | null;
  readonly rateLimit: RateLimit | null;
  readonly batch: Batch | null;
  readonly continueOnError: boolean;
  readonly onAmbiguous: 'retry' | 'fail';
  readonly fresh: 'lease' | 'execution';
  /** What the templates of this step read of other steps. */
  readonly reads: readonly StepRead[];
}

/** A satellite as the lock pins it. */
export interface LockedSatellite {
  /** `satellite/project/name`, or `cluster/project/name`. */
  readonly reference: string;
  readonly version: string;
  /** `sha256:…` of what was locked. */
  readonly digest: string;
  readonly cardinality: 'one' | 'many';
  /** The field of an output object that stands for it in text. */
  readonly text: string | null;
  /** The field that is unique within the list; allows streaming. */
  readonly key: string | null;
  /** Absent: its manifest names no image, or each by its digest. */
  readonly images?: LockedImages;
}

/** The images that a manifest names by a tag, as they were when it was locked: `name@sha256:…`, or an engine's own id. */
export interface LockedImages {
  readonly satellite?: string;
  readonly server?: string;
}

/**
 * One read of a step's result by a template.
 *
 * `one`: the one object on the lineage. `whole`: the whole result of the execution on this lineage (an object for `one`, the list
 * for `many`). `list`: everything of that step below the scope, in item order, after a fan-in or in a log step.
 */
export interface StepRead {
  readonly step: StepId;
  readonly as: 'one' | 'whole' | 'list';
  /** Which attributes: `output`, `error`, `status`, … sorted. */
  readonly attributes: readonly string[];
}

/** A value with templates in it. What has none is one literal. */
export type TemplateNode =
  | { readonly kind: 'literal'; readonly value: Json }
  /** A scalar with at least one placeholder. `asText`: the schema wants a string, so a number or boolean becomes its text (rule 32). */
  | { readonly kind: 'text'; readonly source: string; readonly asText: boolean }
  /** An item that is one placeholder and gives a list is spliced in, one level deep (rule 34). */
  | { readonly kind: 'list'; readonly items: readonly TemplateNode[] }
  | { readonly kind: 'map'; readonly entries: readonly TemplateEntry[] }
  /** A list of mappings where the schema wants a mapping: merged in order, a repeated key is an error (rule 34). */
  | { readonly kind: 'merge'; readonly parts: readonly TemplateNode[] };

export interface TemplateEntry {
  readonly key: string;
  readonly value: TemplateNode;
  /** The schema requires the key or names `null` for it, so a placeholder that gives null keeps it (rule 33). */
  readonly keepNull: boolean;
}

/** `if`. `source` is the text of the file; it reads as an expression or as one placeholder, or is a text and so always true. */
export interface Condition {
  readonly source: string;
  /** It calls success, failure, always or cancelled: the step is decided for ended branches too (rule 15). */
  readonly callsStatusFunction: boolean;
  /** It calls `always()` or `cancelled()`: it still runs when the run is cancelled (rule 49). */
  readonly survivesCancel: boolean;
}

export interface Collect {
  /** `run`, or the ancestor once per object of which the step runs. */
  readonly per: { readonly kind: 'run' } | { readonly kind: 'step'; readonly step: StepId };
  readonly bears: CollectBears;
}

/** How many failed items a collect bears (rule 20). */
export type CollectBears =
  | { readonly kind: 'all-succeeded' }
  | { readonly kind: 'all-finished' }
  | { readonly kind: 'min-percent'; readonly percent: number }
  | { readonly kind: 'min-count'; readonly count: number };

export interface RetryPolicy {
  /** Extra attempts after the first. */
  readonly max: number;
  readonly delayMs: number;
  readonly backoff: 'fixed' | 'exponential';
  readonly factor: number;
  readonly maxDelayMs: number;
  readonly jitter: boolean;
}

/** At most `limit` attempts of a step begin in any `perMs` ms, over all runs of the cluster. */
export interface RateLimit {
  readonly limit: number;
  readonly perMs: number;
  /** Template: one limit for each value that it gives; null: one for all. */
  readonly key: string | null;
}

/** Items of a step are called together. */
export interface Batch {
  /** Most items in one call. */
  readonly max: number;
  /** How long the first of them waits for others. */
  readonly waitMs: number;
}

export interface FailurePlan {
  readonly from: StepId | null;
  readonly per: 'item' | 'run';
  readonly tolerate: Tolerance | null;
  /** The steps whose failures start the chain: `from` and its descendants, or every step. */
  readonly range: readonly StepId[];
  readonly steps: readonly PlanStep[];
}

/** How many items may fail: a number of them, or a percentage of those that there are. */
export type Tolerance = { readonly kind: 'count'; readonly count: number } | { readonly kind: 'percent'; readonly percent: number };

/** Runs whose `group` has the same text share `limit` places. */
export interface Concurrency {
  /** Template. */
  readonly group: string;
  readonly limit: number;
  /** What becomes of a run that finds no place. */
  readonly onConflict: 'queue' | 'skip' | 'cancel-running';
}

/** An input that a cluster declares. */
export interface InputDeclaration {
  readonly type: 'string' | 'number' | 'boolean' | 'choice' | 'object' | 'array';
  readonly required: boolean;
  readonly default: Json | null;
  readonly options: readonly Json[] | null;
  readonly schema: Json | null;
  readonly description: string | null;
}

/** What starts a run of a cluster. */
export type Trigger =
  | { readonly kind: 'api-call' }
  | {
      readonly kind: 'cron';
      readonly expression: string;
      readonly timezone: string;
      readonly missed: 'skip' | 'latest' | 'all';
      readonly overlap: 'allow' | 'skip' | 'queue' | 'cancel-running';
    }
  | {
      readonly kind: 'webhook';
      readonly id: string;
      readonly scheme: 'standard-webhooks' | 'github' | 'stripe' | 'slack' | 'token';
      readonly secret: string | null;
      readonly filter: string | null;
      readonly toleranceMs: number;
    }
  | {
      readonly kind: 'git-push';
      readonly branches: readonly string[] | null;
      readonly branchesIgnore: readonly string[] | null;
      readonly paths: readonly string[] | null;
      readonly pathsIgnore: readonly string[] | null;
    }
  | {
      readonly kind: 'cluster';
      readonly identifier: ClusterId;
      readonly status: readonly ('completed' | 'partial' | 'failed' | 'cancelled')[];
    };
