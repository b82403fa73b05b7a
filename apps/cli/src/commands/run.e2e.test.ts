import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestProject } from '../testing/project.ts';
import { clusterText, createTestProject } from '../testing/project.ts';

const list = `
- identifier: list
  uses: satellite/exospherehost/script
  config: { returns: many, code: 'return Array.from({ length: input.count ?? 3 }, (_, n) => ({ n }))' }
`;
const each = (code: string): string => `
- identifier: each
  uses: satellite/exospherehost/script
  retries: 0
  config: { code: ${JSON.stringify(code)} }
`;

let project: TestProject;
beforeAll(async () => {
  project = await createTestProject({
    'completed.yml': clusterText(list + each('return { m: input.n * 2 }'), 'inputs: { count: { type: number, default: 3 } }'),
    'partial.yml': clusterText(
      `${list}${each("if (input.n === 1) fail('no ones'); return input")}`,
      'failure: { tolerate: 1, satellites: [{ identifier: note, uses: satellite/exospherehost/transform }] }',
    ),
    'failed.yml': clusterText(list + each("if (input.n === 1) fail('no ones'); return input")),
  });
});
afterAll(() => project.remove());

describe('exo run', () => {
  it('ends with 0 where everything completed, and tells what was done', async () => {
    const { code, stdout, stderr } = await project.exo(['run', 'completed.yml']);
    expect(stdout).toMatch(/^test\/cluster #\d+ completed in [\d.]+ s\n/);
    expect(stdout).toMatch(/each\s+3\s+·\s+·\s+·/);
    expect(stderr).toMatch(/^test\/cluster #\d+: run [0-9a-f-]{36}$/m);
    expect(code).toBe(0);
  });

  it('ends with 3 where an item failed and was dealt with', async () => {
    const { code, stdout } = await project.exo(['run', 'partial.yml']);
    expect(stdout).toContain('partial');
    expect(stdout).toMatch(/1 × each \[[\w-]+\] .*no ones\n\s+each\[1\]/);
    expect(stdout).toMatch(/exo runs retry [0-9a-f-]{36}/);
    expect(code).toBe(3);
  });

  it('ends with 4 where an item failed and nobody dealt with it', async () => {
    const { code, value } = await project.json(['run', 'failed.yml']);
    expect(value).toMatchObject({
      status: 'failed',
      reason: '1 failed item had no handler',
      steps: [
        { step: 'list', completed: 1, objects: 3 },
        { step: 'each', completed: 2, failed: 1 },
      ],
      failures: [{ step: 'each', count: 1, executions: ['each[1]'], message: expect.stringContaining('no ones') as string }],
    });
    expect(code).toBe(4);
  });

  it('ends with 2 where the file is wrong, and starts nothing', async () => {
    await project.write({ 'wrong.yml': clusterText('- { identifier: one, uses: satellite/exospherehost/scrpt }') });
    const before = await project.json(['runs', 'ls']);
    const { code, stderr } = await project.exo(['run', 'wrong.yml']);
    expect(stderr).toContain("Did you mean 'satellite/exospherehost/script'?");
    expect(stderr).toContain('nothing was started');
    expect(code).toBe(2);
    expect((await project.json(['runs', 'ls'])).value.runs).toHaveLength(before.value.runs.length);
  });

  it('takes inputs in the types that the cluster declares', async () => {
    const { value } = await project.json(['run', 'completed.yml', '--input', 'count=5']);
    expect(value.steps[1]).toMatchObject({ completed: 5 });
    const wrong = await project.exo(['run', 'completed.yml', '--input', 'count=five']);
    expect(wrong.stderr).toContain("The input 'count' is a number, and 'five' is no JSON");
    expect(wrong.code).toBe(2);
    const unknown = await project.exo(['run', 'completed.yml', '--input', 'cuont=5']);
    expect(unknown.stderr).toContain("'cuont' is no input of test/cluster; it has count");
    expect(unknown.code).toBe(2);
  });

  it('takes items from files and from standard input', async () => {
    await project.write({
      'items.yml': clusterText('- { identifier: copy, uses: satellite/exospherehost/transform }'),
      'list.json': '[{"a": 1}, {"a": 2}]',
      'one.json': '{"a": 3}',
      'lines.jsonl': '{"a": 4}\n\n{"a": 5}\n',
    });
    const { value } = await project.json(['run', 'items.yml', '--item', 'list.json', '--item', 'one.json', '--item', 'lines.jsonl']);
    expect(value.steps[0]).toMatchObject({ completed: 5 });
    const last = await project.json(['runs', 'show', 'latest', 'copy[4]']);
    expect(last.value).toMatchObject({ item: { a: 5 }, output: [{ a: 5 }] });
    const piped = await project.json(['run', 'items.yml', '--item', '-'], { input: '[{"a": 1}, {"a": 2}]' });
    expect(piped.value.steps[0]).toMatchObject({ completed: 2 });
  });

  it('makes no run where its concurrency group is taken and says so', async () => {
    await project.write({
      'single.yml': clusterText(
        each('await new Promise((done) => setTimeout(done, 3000)); return {}'),
        'concurrency: { group: one, on-conflict: skip }',
      ),
    });
    const first = project.start(['run', 'single.yml']);
    await first.said('run ');
    const second = await project.exo(['run', 'single.yml']);
    expect(second.stdout).toContain('No run was started: its concurrency group is taken by');
    expect(second.code).toBe(7);
    expect((await first.ended).code).toBe(0);
  });

  it('CTR-14: refuses what needs a container where no engine answers, before it starts', async () => {
    await project.write({
      'container.yml': clusterText(
        '- { identifier: parse, uses: satellite/exospherehost/parse-pdf-with-docling, config: { language: en } }',
      ),
    });
    const before = (await project.json(['runs', 'ls'])).value;
    const { code, stderr } = await project.exo(['run', 'container.yml'], { env: { DOCKER_HOST: 'unix:///nowhere.sock' } });
    expect(stderr).toMatch(/need a container engine at unix:\/\/\/nowhere\.sock, but none answers there\. Install and start Docker/);
    expect(code).toBe(6);
    expect((await project.json(['runs', 'ls'])).value).toEqual(before);
  });

  it('runs side by side with others in the same database, each with its own items', async () => {
    const results = await Promise.all([4, 5, 6].map((count) => project.json(['run', 'completed.yml', '-i', `count=${count}`])));
    expect(results.map(({ value }) => value.steps[1].completed)).toEqual([4, 5, 6]);
    expect(results.map(({ value }) => value.status)).toEqual(['completed', 'completed', 'completed']);
  });

  it('delivers log records before it ends', async () => {
    await project.write({
      'logs.yml': clusterText(
        each('context.log.info("hello from the item"); return {}'),
        'logs: { satellites: [{ identifier: sink, uses: satellite/exospherehost/transform, config: {} }] }',
      ),
    });
    const { code, value } = await project.json(['run', 'logs.yml']);
    expect(value).toMatchObject({ status: 'completed', logs: 'delivered' });
    expect(code).toBe(0);
    const { stdout } = await project.exo(['runs', 'logs', 'latest', '--step', 'each']);
    expect(stdout).toMatch(/info {2}each hello from the item/);
  });
});

describe('a cluster that runs another one', () => {
  const outer = clusterText(
    `
- identifier: list
  uses: satellite/exospherehost/script
  config: { returns: many, code: 'return [{ n: 1 }, { n: 2 }, { n: 3 }]' }
- identifier: inner
  uses: cluster/test/inner
  input: { n: '$\${{ satellites.list.output.n }}' }
- identifier: after
  uses: satellite/exospherehost/transform
  input: { doubled: '$\${{ satellites.inner.output.doubled }}' }
`,
  );
  const inner = clusterText(
    `
- identifier: double
  uses: satellite/exospherehost/script
  input: { n: '\${{ inputs.n }}', token: '\${{ secrets.INNER }}' }
  config: { code: "if (input.n === 2 && input.token !== 'the-inner-secret') fail('no token'); return { m: input.n * 2 }" }
`,
    "inputs: { n: { type: number, required: true } }\noutputs: { doubled: '${{ satellites.double.output.m }}' }\nsecrets:\n  - INNER: the-inner-secret",
  ).replace('test/cluster', 'test/inner');

  it('finds its file beside it, runs it once per item, and goes on with its outputs', async () => {
    await project.write({ 'outer.yml': outer, 'inner.yml': inner });
    const { code, value, stderr } = await project.json(['run', 'outer.yml']);
    expect(value, stderr).toMatchObject({
      status: 'completed',
      steps: [{}, { step: 'inner', completed: 3 }, { step: 'after', completed: 3 }],
    });
    expect(code).toBe(0);
    expect((await project.json(['runs', 'show', 'test/cluster#' + String(value.number), 'after[2]'])).value.output).toEqual([
      { doubled: 6 },
    ]);
    const runs = (await project.json(['runs', 'ls', '--cluster', 'test/inner'])).value.runs;
    expect(runs.map(({ status }: { status: string }) => status)).toEqual(['completed', 'completed', 'completed']);
  });

  it('is refused with what is wrong in the other file', async () => {
    await project.write({
      'clusters/deep/broken.yml': inner.replace('test/inner', 'test/broken').replace('exospherehost/script', 'exospherehost/scrpt'),
    });
    await project.write({ 'outer-broken.yml': outer.replace('test/inner', 'test/broken') });
    const { code, stderr } = await project.exo(['validate', 'outer-broken.yml']);
    expect(stderr).toMatch(/clusters\/deep\/broken\.yml:\d+:\d+ error There is no satellite 'satellite\/exospherehost\/scrpt'/);
    expect(code).toBe(2);
  });

  it('is refused where they run one another in a circle', async () => {
    const step = (identifier: string): string => clusterText(`- { identifier: next, uses: cluster/test/${identifier} }`);
    await project.write({
      'a.yml': step('b').replace('test/cluster', 'test/a'),
      'b.yml': step('a').replace('test/cluster', 'test/b'),
    });
    const { code, stderr } = await project.exo(['validate', 'a.yml']);
    expect(stderr).toContain('would run itself: test/a → test/b → test/a');
    expect(code).toBe(2);
  });

  it('is refused where there is no such file', async () => {
    await project.write({ 'outer-missing.yml': outer.replace('test/inner', 'test/innr') });
    const { code, stderr } = await project.exo(['validate', 'outer-missing.yml']);
    expect(stderr).toContain("There is no cluster 'test/innr'. Did you mean 'cluster/test/inner'?");
    expect(code).toBe(2);
  });
});

describe('the secrets of a run', () => {
  const canary = 'canary-of-a-secret-0815';
  const usesSecret = (name: string): string => `
- identifier: ask
  uses: satellite/exospherehost/transform
  retries: 0
  input: { token: 'Bearer \${{ secrets.${name} }}', length: '\${{ inputs.x }}' }
`;

  it('move from the file into the vault, and stand nowhere else (SEC-01)', async () => {
    await project.write({
      'literal.yml': clusterText(usesSecret('TOKEN'), `secrets:\n  - TOKEN: ${canary}\ninputs: { x: { type: number, default: 1 } }`),
    });
    const { code, value, stderr } = await project.json(['run', 'literal.yml']);
    expect(value.status).toBe('completed');
    expect(code).toBe(0);
    const item = await project.json(['runs', 'show', 'latest', 'ask']);
    expect(item.value.output).toEqual([{ token: 'Bearer ***', length: 1 }]);
    expect(await rowsWith(canary)).toEqual([]);
    expect(`${JSON.stringify(value)}${stderr}${JSON.stringify(item.value)}`).not.toContain(canary);
    expect((await project.exo(['secrets', 'ls'])).stdout).toMatch(/^TOKEN\s+test\/cluster/m);
  });

  it('come from the environment first', async () => {
    await project.write({
      'environments/other.yml': 'secrets: { TOKEN: { from-file: token.txt } }\n',
      'environments/token.txt': 'another-secret-value\n',
    });
    const { value, stderr } = await project.json(['run', 'literal.yml', '--env', 'other']);
    expect(value).toMatchObject({ status: 'completed', environment: 'environments/other.yml' });
    expect(stderr).toContain('in the environment environments/other.yml');
    expect(await rowsWith('another-secret-value')).toEqual([]);
  });

  it('that have no value fail only the step that needs them, by name', async () => {
    await project.write({
      'missing.yml': clusterText(
        `${usesSecret('NOWHERE')}\n- { identifier: other, uses: satellite/exospherehost/transform, needs: [], input: {} }`,
        'secrets: [NOWHERE]\ninputs: { x: { type: number, default: 1 } }',
      ),
    });
    const { code, value, stderr } = await project.json(['run', 'missing.yml']);
    expect(stderr).toContain("warning The secret 'NOWHERE' has no value: it is set nowhere. Set it: exo secrets set NOWHERE --of test");
    expect(value).toMatchObject({
      status: 'failed',
      steps: [
        { step: 'ask', failed: 1 },
        { step: 'other', completed: 1 },
      ],
      failures: [{ code: 'secret-missing', message: expect.stringContaining("'NOWHERE'") as string }],
    });
    expect(code).toBe(4);
  });

  /** Rows of any of our tables that hold the text. */
  async function rowsWith(text: string): Promise<string[]> {
    const client = new pg.Client({ connectionString: project.databaseUrl });
    await client.connect();
    try {
      const tables = await client.query<{ name: string }>(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('exosphere', 'exosphere_boss')",
      );
      const found: string[] = [];
      for (const { name } of tables.rows) {
        const { rowCount } = await client.query(`select 1 from ${name} t where t::text like '%' || $1 || '%'`, [text]);
        if ((rowCount ?? 0) > 0) found.push(name);
      }
      expect(tables.rows.length).toBeGreaterThan(10);
      return found;
    } finally {
      await client.end();
    }
  }
});
