import { expect, it } from 'vitest';
import { workloads } from '../workloads/index.ts';
import { judgeGoals } from './goals.ts';
import { jsonReport } from './json-report.ts';
import { markdownReport } from './markdown-report.ts';
import type { Report, Result } from './result.ts';
import { textReport } from './text-report.ts';

function resultOf(name: string, metrics: Readonly<Record<string, number>>, rounds = 5): Result {
  const [id = '', ...rest] = name.split(' ');
  const workload = workloads.find((one) => one.id === id);
  const contender = workload?.contenders.find((one) => one.name === rest.join(' '));
  if (workload === undefined || contender === undefined) throw new TypeError(`no ${name}`);
  const statistics = Object.entries(metrics).map(([key, median]) => [key, { median, low: median / 2, high: median * 2 }]);
  const costs = { peakBytes: 400e6, workerCpuMs: 300, serverCpuMs: 150 };
  return { workload, contender: contender.name, isPeer: contender.isPeer, rounds, metrics: Object.fromEntries(statistics), costs };
}

const machine: Report['machine'] = {
  ...{ cpu: 'a CPU', cores: 2, memoryGB: 8, system: 'Linux 6', writeMs: 0.4, loadBefore: 0.2, loadAfter: 2, node: '24.0.0' },
  database: { version: '18.4', fsync: 'on', synchronousCommit: 'on', fullPageWrites: 'on', sharedBuffers: '256MB' },
  versions: { 'pg-boss': '12.38.0' },
};
const results = [resultOf('W1 engine', { per_second: 60_000 }), resultOf('W1 graphile-worker', { per_second: 50_000 })];
const report: Report = {
  at: '2026-01-02T03:04:05.000Z',
  machine,
  isQuick: false,
  results,
  skipped: [{ name: 'W1 BullMQ', why: 'no Redis' }],
};

it('judges a goal against its figure, or against another contender, and not at all where that one did not take part', () => {
  expect(judgeGoals(results).map(({ text, isMet }) => [text, isMet])).toEqual([
    ['W1 engine: executions/s ≥ 50,000', true],
    ['W1 engine: executions/s ≥ 1.5 × W1 graphile-worker', false],
  ]);
});

it('gives each result as data under its name, with its medians, spread and costs', () => {
  expect(jsonReport(report)).toMatchObject({
    results: [
      { name: 'W1 engine', per_second: 60_000, spread: { per_second: [30_000, 120_000] }, peak_memory_mb: 400, rounds: 5, peer: false },
      { name: 'W1 graphile-worker', per_second: 50_000, peer: true },
    ],
  });
  const startUp = { ...report, results: [resultOf('W8 exo run', { first_step_s: 1, end_s: 2 })] };
  expect(jsonReport(startUp)).toMatchObject({ results: [{ name: 'W8 exo run', per_second: null, first_step_s: 1 }] });
});

it('shows medians with their spread, what an execution costs, what was left out, and how the goals stand', () => {
  const text = textReport(report);
  expect(text).toContain('60,000 (30,000–120,000)');
  expect(text).toContain('graphile-worker *');
  expect(text).toMatch(/engine .* 20 +10 +400/);
  expect(text).toContain('W1 BullMQ was left out: no Redis');
  expect(text).toContain('not met  W1 engine: executions/s ≥ 1.5 × W1 graphile-worker: 60,000');
});

it('says in the document where the machine was busy, or too little was measured', () => {
  expect(markdownReport(report)).not.toContain('busy with other work');
  expect(markdownReport({ ...report, machine: { ...machine, loadBefore: 3 } })).toContain('busy with other work');
  expect(markdownReport({ ...report, isQuick: true })).toContain('a quick run');
});
