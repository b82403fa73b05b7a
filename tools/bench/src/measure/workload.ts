import type { Contender } from './contender.ts';

/** A number that a workload finds for each contender. */
export interface Metric {
  readonly key: string;
  readonly label: string;
  readonly digits: number;
}

/** What one contender is to reach. */
export interface Goal {
  readonly contender: string;
  readonly metric: string;
  readonly side: 'at-least' | 'at-most';
  readonly than: GoalFigure;
}

/** A fixed figure, or so many times what another contender of the same invocation (`W1 graphile-worker`) reached. */
export type GoalFigure =
  | { readonly kind: 'figure'; readonly figure: number }
  | { readonly kind: 'times'; readonly factor: number; readonly of: string; readonly metric: string };

export interface Workload {
  readonly id: string;
  readonly title: string;
  /** What is done, and what each number is, for the reader of the report. */
  readonly description: string;
  readonly metrics: readonly Metric[];
  readonly contenders: readonly Contender[];
  readonly goals: readonly Goal[];
  /** Executions of one measurement, for what an execution costs; null: costs are not told. */
  readonly executions: number | null;
}
