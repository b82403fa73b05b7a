import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestProject } from '../../testing/project.ts';
import { clusterText, createTestProject } from '../../testing/project.ts';

const cluster = (rule: string): string =>
  clusterText(
    `
- identifier: each
  uses: satellite/exospherehost/script
  retries: { max: 1, delay: 10ms }
  config: { code: ${JSON.stringify(`${rule} return { m: input.n * 2 }`)} }
- identifier: after
  uses: satellite/exospherehost/transform
`,
  );

let project: TestProject;
let run: string;

beforeAll(async () => {
  project = await createTestProject({
    'cluster.yml': cluster("if (input.n >= 3) fail(`bad number ${input.n % 2}`, { code: 'bad-number', retryable: input.n === 3 });"),
    'items.json': JSON.stringify(Array.from({ length: 6 }, (_, n) => ({ n }))),
  });
  const { value, code } = await project.json(['run', 'cluster.yml', '--item', 'items.json']);
  expect(code).toBe(4);
  run = value.run;
});
afterAll(() => project.remove());

it('lists runs with their status, the newest first', async () => {
  const { stdout } = await project.exo(['runs', 'ls', '--cluster', 'test/cluster', '--status', 'failed,partial']);
  expect(stdout).toMatch(new RegExp(`^${run} {2}test/cluster #1 {2}failed`, 'm'));
  expect((await project.exo(['runs', 'ls', '--status', 'completed'])).stdout).toBe('There is no run.\n');
});

it.each(['latest', 'test/cluster#1', 'id', 'end'])('finds a run by %s', async (how) => {
  const text = { id: run, end: run.slice(-8) }[how] ?? how;
  expect((await project.json(['runs', 'show', text])).value.run).toBe(run);
});

it('says that there is no such run', async () => {
  const { code, stderr } = await project.exo(['runs', 'show', 'abcdef12']);
  expect(stderr).toContain("There is no run 'abcdef12'");
  expect(code).toBe(2);
});

it('tells why a run ended as it did: failures by error, with names, and what to do next', async () => {
  const { code, stdout } = await project.exo(['runs', 'show', run]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/test\/cluster #1 failed in [\d.]+ s: 3 failed items had no handler/);
  expect(stdout).toMatch(/2 × each \[bad-number\] bad number 1\n\s+each\[3\], each\[5\]/);
  expect(stdout).toMatch(/1 × each \[bad-number\] bad number 0\n\s+each\[4\]/);
  expect(stdout).toContain(`exo runs retry ${run}`);
});

it('shows one item with its attempts', async () => {
  const { stdout } = await project.exo(['runs', 'show', run, 'each[3]']);
  expect(stdout).toMatch(/^each\[3\] failed in .*, 2 attempts/);
  expect(stdout).toMatch(/1\. .* bad number 1 \[bad-number\]\n {2}2\. .* bad number 1/);
  expect(stdout).toContain('"n": 3');
  const unknown = await project.exo(['runs', 'show', run, 'each[30]']);
  expect(unknown.stderr).toContain("has no ended execution 'each[30]'");
  expect(unknown.code).toBe(2);
});

it('prints the log records of failures', async () => {
  const { stdout } = await project.exo(['runs', 'logs', run, '--level', 'error']);
  expect(stdout).toMatch(/error each\[4\] .*bad number 0/);
  const { stdout: lines } = await project.exo(['runs', 'logs', run, '--execution', 'each[4]', '--json']);
  for (const line of lines.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ execution: 'each[4]' });
});

it('exports what failed, and a new run takes its items', async () => {
  const { stdout, stderr } = await project.exo(['runs', 'export-failed', run, '--error', 'bad number 1']);
  const rows = stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
  expect(stderr).toContain('2 failed executions');
  expect(rows).toEqual([
    expect.objectContaining({
      execution: 'each[3]',
      item: { n: 3 },
      input: { n: 3 },
      error: expect.objectContaining({ code: 'bad-number' }) as unknown,
    }),
    expect.objectContaining({ execution: 'each[5]', item: { n: 5 } }),
  ]);
  expect(rows[0]?.['attempts']).toHaveLength(2);

  await project.exo(['runs', 'export-failed', run, '--items', '-o', 'failed.jsonl']);
  expect(await readFile(join(project.folder, 'failed.jsonl'), 'utf8')).toBe('{"n":3}\n{"n":4}\n{"n":5}\n');
  await project.write({ 'mended.yml': cluster('').replace('test/cluster', 'test/mended') });
  const { value } = await project.json(['run', 'mended.yml', '--item', 'failed.jsonl', '--origin', run]);
  expect(value).toMatchObject({ status: 'completed', origin: run, steps: [{ completed: 3 }, { completed: 3 }] });
});

it('settles items by hand, and retries others; what completed does not run again', async () => {
  await project.write({ 'object.json': '{"m": 99}', 'list.json': '[{"m": 1}, {"m": 2}]' });
  const tooMany = await project.exo(['runs', 'resolve', run, 'each[3]', '--output', 'list.json']);
  expect(tooMany.stderr).toContain("Step 'each' returns one object, and the file has 2");
  const resolved = await project.json(['runs', 'resolve', run, 'each[3]', '--output', 'object.json']);
  expect(resolved.value.steps).toMatchObject([
    { step: 'each', completed: 4, failed: 2 },
    { step: 'after', completed: 4 },
  ]);
  expect((await project.json(['runs', 'show', run, 'after[3]'])).value.output).toEqual([{ m: 99 }]);
  const skipped = await project.json(['runs', 'resolve', run, 'each[4]', '--skip']);
  expect(skipped.value.steps).toMatchObject([{ step: 'each', completed: 4, failed: 1, skipped: 1 }, { step: 'after' }]);
  const retried = await project.json(['runs', 'retry', run, '--item', 'each[5]']);
  expect(retried.value).toMatchObject({ round: 4, failures: [{ executions: ['each[5]'] }] });
  const nothing = await project.exo(['runs', 'retry', run, '--step', 'after']);
  expect(nothing.stderr).toContain('no failed or cancelled execution');
  expect(nothing.code).toBe(2);
});

it('cancels an open run of another process, which ends with 5', async () => {
  await project.write({
    'long.yml': clusterText(
      "- { identifier: wait, uses: satellite/exospherehost/script, config: { code: 'await new Promise((done) => setTimeout(done, 60000)); return {}' } }",
    ),
  });
  const running = project.start(['run', 'long.yml']);
  await running.said('run ');
  const twice = await project.exo(['run', '--resume', 'latest']);
  expect(twice.stderr).toContain('Another process works on this run');
  const paused = await project.exo(['runs', 'pause', 'latest']);
  expect(paused.code).toBe(0);
  expect((await project.json(['runs', 'show', 'latest'])).value.status).toBe('paused');
  await project.exo(['runs', 'resume', 'latest']);
  expect((await project.json(['runs', 'show', 'latest'])).value.status).toBe('running');
  const { code, stdout } = await project.exo(['runs', 'cancel', 'latest']);
  expect(stdout).toContain('cancelled');
  expect(code).toBe(0);
  expect((await running.ended).code).toBe(5);
  const again = await project.exo(['runs', 'cancel', 'latest']);
  expect(again.stderr).toContain('has ended');
  expect(again.code).toBe(2);
});
