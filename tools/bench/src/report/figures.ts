import type { Metric } from '../measure/workload.ts';
import type { Result } from './result.ts';

/** `52,100 (48,000–55,300)`: the median, and between which the measurements lay. */
export function figureText({ key, digits }: Metric, result: Result): string {
  const statistics = result.metrics[key];
  if (statistics === undefined) return '';
  const text = (value: number): string => numberText(value, digits);
  const { median, low, high } = statistics;
  return result.rounds === 1 ? text(median) : `${text(median)} (${text(low)}–${text(high)})`;
}

export function numberText(value: number, digits: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export interface Column {
  readonly title: string;
  readonly cell: (result: Result) => string;
}

/** The columns of a workload's table: its metrics, then what it cost. */
export function columnsOf(results: readonly Result[]): readonly Column[] {
  const [first] = results;
  if (first === undefined) return [];
  const { metrics, executions } = first.workload;
  const told = metrics.filter(({ key }) => results.some((result) => result.metrics[key] !== undefined));
  const columns = told.map((metric): Column => ({ title: metric.label, cell: (result) => figureText(metric, result) }));
  return results.some(({ costs }) => costs !== null) ? [...columns, ...costColumns(executions)] : columns;
}

function costColumns(executions: number | null): readonly Column[] {
  const memory: Column = { title: 'peak memory, MB', cell: ({ costs }) => (costs === null ? '' : numberText(costs.peakBytes / 1e6, 0)) };
  if (executions === null) return [memory];
  const each = (ms: number): string => numberText((ms * 1_000) / executions, 0);
  return [
    { title: 'µs of CPU an execution: worker', cell: ({ costs }) => (costs === null ? '' : each(costs.workerCpuMs)) },
    { title: 'server', cell: ({ costs }) => (costs === null ? '' : each(costs.serverCpuMs)) },
    memory,
  ];
}
