import type { Statistics } from '../measure/statistics.ts';
import type { Machine } from '../machine/machine.ts';
import type { Workload } from '../measure/workload.ts';

/** What was found of one contender of one workload. */
export interface Result {
  readonly workload: Workload;
  readonly contender: string;
  readonly isPeer: boolean;
  /** How often it was measured; a warm-up that does not count came before. */
  readonly rounds: number;
  readonly metrics: Readonly<Record<string, Statistics>>;
  /** Null: not told. */
  readonly costs: ResultCosts | null;
}

export interface ResultCosts {
  /** All processes of the worker, added up. */
  readonly peakBytes: number;
  /** Of the worker's processes, and of the database's, for one measurement: medians. */
  readonly workerCpuMs: number;
  readonly serverCpuMs: number;
}

/** A contender that was left out, and why. */
export interface Skipped {
  readonly name: string;
  readonly why: string;
}

export interface Report {
  /** ISO 8601. */
  readonly at: string;
  readonly machine: Machine;
  readonly isQuick: boolean;
  readonly results: readonly Result[];
  readonly skipped: readonly Skipped[];
}

/** `W1 engine`. */
export function nameOf({ workload, contender }: Pick<Result, 'workload' | 'contender'>): string {
  return `${workload.id} ${contender}`;
}
