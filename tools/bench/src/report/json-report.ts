import { judgeGoals } from './goals.ts';
import type { Report, Result } from './result.ts';
import { nameOf } from './result.ts';

/** The report as data. Every result has a `name` and its medians beside it; `per_second` is null where nothing is counted. */
export function jsonReport(report: Report): object {
  const { at, machine, isQuick, results, skipped } = report;
  return { at, quick: isQuick, results: results.map(jsonResult), goals: judgeGoals(results), skipped, machine };
}

function jsonResult(result: Result): object {
  const { workload, contender, isPeer, rounds, metrics, costs } = result;
  const medians = Object.fromEntries(Object.entries(metrics).map(([key, { median }]) => [key, rounded(median)]));
  const spread = Object.fromEntries(Object.entries(metrics).map(([key, { low, high }]) => [key, [rounded(low), rounded(high)]]));
  const told =
    costs === null
      ? {}
      : {
          peak_memory_mb: Math.round(costs.peakBytes / 1e6),
          worker_cpu_ms: Math.round(costs.workerCpuMs),
          server_cpu_ms: Math.round(costs.serverCpuMs),
        };
  return { name: nameOf(result), per_second: null, ...medians, workload: workload.id, contender, peer: isPeer, rounds, spread, ...told };
}

function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
