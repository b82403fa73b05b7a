import type { Goal, GoalFigure } from '../measure/workload.ts';
import type { Result } from './result.ts';
import { nameOf } from './result.ts';

/** A goal with what was reached of it. */
export interface JudgedGoal {
  /** `W1 engine: executions/s ≥ 50,000`. */
  readonly text: string;
  readonly wanted: number;
  readonly found: number;
  readonly isMet: boolean;
}

/** The goals that can be judged: whose contender, and the one that it is measured by, are among the results. */
export function judgeGoals(results: readonly Result[]): readonly JudgedGoal[] {
  const workloads = [...new Set(results.map(({ workload }) => workload))];
  return workloads.flatMap((workload) => workload.goals.flatMap((goal) => judge(goal, workload.id, results) ?? []));
}

function judge(goal: Goal, workload: string, results: readonly Result[]): JudgedGoal | null {
  const name = `${workload} ${goal.contender}`;
  const found = medianOf(results, name, goal.metric);
  const wanted = figureOf(goal.than, results);
  if (found === null || wanted === null) return null;
  const metric = results.find((result) => nameOf(result) === name)?.workload.metrics.find(({ key }) => key === goal.metric);
  const sign = goal.side === 'at-least' ? '≥' : '≤';
  const than = goal.than.kind === 'figure' ? goal.than.figure.toLocaleString('en') : timesText(goal.than, goal.metric);
  return {
    text: `${name}: ${metric?.label ?? goal.metric} ${sign} ${than}`,
    wanted,
    found,
    isMet: goal.side === 'at-least' ? found >= wanted : found <= wanted,
  };
}

function timesText({ factor, of, metric }: Extract<GoalFigure, { kind: 'times' }>, own: string): string {
  return `${String(factor)} × ${of}${metric === own ? '' : ` (${metric})`}`;
}

function figureOf(than: GoalFigure, results: readonly Result[]): number | null {
  if (than.kind === 'figure') return than.figure;
  const other = medianOf(results, than.of, than.metric);
  return other === null ? null : other * than.factor;
}

function medianOf(results: readonly Result[], name: string, metric: string): number | null {
  return results.find((result) => nameOf(result) === name)?.metrics[metric]?.median ?? null;
}
