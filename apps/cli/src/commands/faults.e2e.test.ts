import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { removeEmbedded } from '@exosphere/postgres';
import { startReceiver, startS3Server } from '@exosphere/testkit';
import type { HttpReceiver } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestProject } from '../testing/project.ts';
import { clusterText, createTestProject } from '../testing/project.ts';

const items = 40;
const cluster = clusterText(`
- identifier: list
  uses: satellite/exospherehost/script
  config: { returns: many, code: 'return Array.from({ length: ${items} }, (_, n) => ({ n }))' }
- identifier: slow
  uses: satellite/exospherehost/script
  max-parallel: 4
  config: { code: 'await new Promise((done) => setTimeout(done, 100)); return { n: input.n * 10 }' }
- identifier: send
  uses: satellite/exospherehost/call-webhook
  config: { url: 'https://hook.test/items', method: POST, body: { n: '$\${{ satellites.slow.output.n }}' } }
- identifier: sum
  uses: satellite/exospherehost/transform
  collect: run
  input: { total: '\${{ sum(satellites.slow.output.*.n) }}', count: '\${{ length(satellites.send.output) }}' }
  needs: [slow, send]
`);

let project: TestProject;
let hook: HttpReceiver;

beforeAll(async () => {
  hook = await startReceiver({
    answer: async ({ path }) => {
      if (path === '/slow') await new Promise((resolve) => setTimeout(resolve, 1_000));
      return { status: 200, body: {} };
    },
  });
  project = await createTestProject({
    'cluster.yml': cluster,
    'slow.yml': cluster.replace('https://hook.test/items', 'https://hook.test/slow'),
    'environments/local.yml': `endpoints: { 'https://hook.test': '${hook.url}' }\n`,
  });
});
afterAll(async () => {
  await hook.stop();
  await project.remove();
});

const keysOf = (from: number): Set<string> => new Set(hook.requests.slice(from).map(({ headers }) => headers['idempotency-key'] ?? ''));

async function untilSent(count: number): Promise<void> {
  while (hook.requests.length < count) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** What a run leaves behind that nothing stopped. */
const whole = {
  status: 'completed',
  steps: [
    { step: 'list', completed: 1 },
    { step: 'slow', completed: items, failed: 0 },
    { step: 'send', completed: items, failed: 0 },
    { step: 'sum', completed: 1 },
  ],
};
const total = { total: (10 * items * (items - 1)) / 2, count: items };

describe('Ctrl-C', () => {
  it('leaves a run that is shown as interrupted and goes on to the same end', async () => {
    const from = hook.requests.length;
    const running = project.start(['run', 'cluster.yml', '--env', 'local']);
    await untilSent(from + 8);
    running.process.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect(stderr).toContain('Stopping');
    expect(stdout).toContain('interrupted');
    expect(stdout).toMatch(/go on: {2}exo run --resume [0-9a-f-]{36}/);
    expect(code).toBe(130);
    expect((await project.exo(['runs', 'ls', '--limit', '1'])).stdout).toContain('interrupted');

    const resumed = await project.json(['run', '--resume']);
    expect(resumed.code).toBe(0);
    expect(resumed.value).toMatchObject(whole);
    expect((await project.json(['runs', 'show', 'latest', 'sum'])).value.output).toEqual([total]);
    expect(keysOf(from).size).toBe(items);
  });

  it('lets calls that are under way end, also where the terminal tells all processes of it, and some twice', async () => {
    const from = hook.requests.length;
    const running = project.start(['run', 'slow.yml', '--env', 'local'], { leads: true });
    await untilSent(from + 4);
    const { pid } = running.process;
    if (pid === undefined) throw new Error('exo has not started');
    process.kill(-pid, 'SIGINT');
    running.process.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    expect((await project.json(['run', '--resume'])).value).toMatchObject(whole);
    expect(keysOf(from).size).toBe(items);
    expect(hook.requests.length - from).toBe(items);
  });

  it('can be answered by cancelling, by whoever asks', async () => {
    const from = hook.requests.length;
    const running = project.start(['run', 'cluster.yml', '--env', 'local']);
    await untilSent(from + 4);
    running.process.kill('SIGTERM');
    expect((await running.ended).code).toBe(130);
    const interrupted = (await project.json(['runs', 'show', 'latest'])).value.run as string;
    await project.write({ 'short.yml': clusterText('- { identifier: one, uses: satellite/exospherehost/transform }') });
    const other = await project.exo(['run', 'short.yml']);
    expect(other.stderr).toContain(`Run ${interrupted} of test/cluster was interrupted. To go on with it: exo run --resume ${interrupted}`);
    const { code, stdout } = await project.exo(['runs', 'cancel', interrupted]);
    expect(stdout).toContain('cancelled');
    expect(code).toBe(0);
    const nothing = await project.exo(['run', 'cluster.yml', '--resume']);
    expect(nothing.stderr).toContain("No run of 'cluster.yml' is interrupted");
    expect(nothing.code).toBe(2);
  });

  it('before anything has started leaves nothing', async () => {
    const before = (await project.json(['runs', 'ls'])).value.runs.length;
    const running = project.start(['run', 'cluster.yml', '--env', 'local']);
    await new Promise((resolve) => setTimeout(resolve, 60));
    running.process.kill('SIGINT');
    const { code } = await running.ended;
    expect([130, -1]).toContain(code);
    expect((await project.json(['runs', 'ls'])).value.runs).toHaveLength(before);
  });
});

describe('kill -9', () => {
  it('in the middle loses nothing: with --resume the run ends as if nothing had happened', async () => {
    const from = hook.requests.length;
    const running = project.start(['run', 'cluster.yml', '--env', 'local']);
    await untilSent(from + 8);
    running.process.kill('SIGKILL');
    await running.ended;
    const shown = await project.json(['runs', 'show', 'latest']);
    expect(shown.value.status).toBe('interrupted');

    const resumed = await project.json(['run', 'cluster.yml', '--resume', shown.value.run]);
    expect(resumed.value).toMatchObject(whole);
    expect(resumed.code).toBe(0);
    expect((await project.json(['runs', 'show', 'latest', 'sum'])).value.output).toEqual([total]);
    expect(keysOf(from).size).toBe(items);
    const ended = await project.exo(['run', '--resume', 'latest']);
    expect(ended.stderr).toContain('has ended: completed');
    expect(ended.code).toBe(2);
  });

  it('again and again ends with the same result', async () => {
    const from = hook.requests.length;
    let running = project.start(['run', 'cluster.yml', '--env', 'local']);
    for (let kill = 1; kill <= 4; kill += 1) {
      await untilSent(from + kill * 6);
      running.process.kill('SIGKILL');
      await running.ended;
      running = project.start(['run', '--resume', '--json']);
    }
    const { code, stdout } = await running.ended;
    expect(JSON.parse(stdout)).toMatchObject(whole);
    expect(code).toBe(0);
    expect(keysOf(from).size).toBe(items);
  });
});

describe('kill -9 while a cluster runs another one', () => {
  it('goes on with the outer run, whichever is the newest', async () => {
    const inner = clusterText(
      `
- identifier: work
  uses: satellite/exospherehost/script
  input: { n: '\${{ inputs.n }}' }
  config: { code: 'await new Promise((done) => setTimeout(done, 300)); return { m: input.n * 2 }' }
`,
      "inputs: { n: { type: number } }\noutputs: { m: '${{ satellites.work.output.m }}' }",
    );
    await project.write({
      'inner.yml': inner.replace('test/cluster', 'test/inner'),
      'outer.yml': clusterText(`
- identifier: list
  uses: satellite/exospherehost/script
  config: { returns: many, code: 'return Array.from({ length: 8 }, (_, n) => ({ n }))' }
- identifier: inner
  uses: cluster/test/inner
  max-parallel: 2
  input: { n: '$\${{ satellites.list.output.n }}' }
- identifier: sum
  uses: satellite/exospherehost/transform
  collect: run
  input: { total: '\${{ sum(satellites.inner.output.*.m) }}' }
`).replace('test/cluster', 'test/outer'),
    });
    const running = project.start(['run', 'outer.yml']);
    const inners = async (): Promise<number> => (await project.json(['runs', 'ls', '--cluster', 'test/inner'])).value.runs.length as number;
    while ((await inners()) < 3) await new Promise((resolve) => setTimeout(resolve, 100));
    running.process.kill('SIGKILL');
    await running.ended;
    const { code, value } = await project.json(['run', '--resume']);
    expect(value).toMatchObject({
      cluster: 'test/outer',
      status: 'completed',
      steps: [{}, { step: 'inner', completed: 8 }, { completed: 1 }],
    });
    expect(code).toBe(0);
    expect((await project.json(['runs', 'show', value.run, 'sum'])).value.output).toEqual([{ total: 56 }]);
    expect(await inners()).toBe(8);
  });
});

describe('a world that does not answer', () => {
  it('names the bucket that does not exist', async () => {
    const keys = { id: 'an-access-key', secret: 'a-secret-key' };
    const s3 = await startS3Server({ accessKeys: [{ ...keys, buckets: ['there'] }], buckets: ['there'] });
    try {
      await project.write({
        's3.yml': clusterText(
          `
- identifier: files
  uses: satellite/exospherehost/get-files-from-s3
  config: { bucket: not-there }
  secrets: { AWS_ACCESS_KEY: '\${{ secrets.KEY }}', AWS_SECRET_KEY: '\${{ secrets.SECRET }}' }
`,
          'secrets: [KEY, SECRET]',
        ),
        'environments/s3.yml': `secrets: { KEY: ${keys.id}, SECRET: ${keys.secret} }\nendpoints: { s3: '${s3.url}' }\n`,
      });
      const { code, value } = await project.json(['run', 's3.yml', '--env', 's3']);
      expect(value.failures).toMatchObject([{ step: 'files', count: 1, message: expect.stringContaining('not-there') as string }]);
      expect(code).toBe(4);
    } finally {
      await s3.stop();
    }
  });

  it('names the webhook that cannot be reached, after its retries', async () => {
    const gone = await startReceiver({ answer: () => ({ status: 200 }) });
    await gone.stop();
    await project.write({
      'hook.yml': clusterText(
        "- { identifier: send, uses: satellite/exospherehost/call-webhook, retries: { max: 2, delay: 10ms }, config: { url: 'https://hook.test/x', method: POST } }",
      ),
      'environments/gone.yml': `endpoints: { 'https://hook.test': '${gone.url}' }\n`,
    });
    const { code, value } = await project.json(['run', 'hook.yml', '--env', 'gone']);
    expect(value.failures).toMatchObject([{ step: 'send', count: 1, code: 'http-unreachable' }]);
    expect((await project.json(['runs', 'show', 'latest', 'send'])).value).toMatchObject({ attempts: 3 });
    expect(code).toBe(4);
  });

  it('says in one message that the database cannot be reached', async () => {
    const { code, stdout, stderr } = await project.exo(['run', 'cluster.yml', '--env', 'local'], {
      env: { DATABASE_URL: 'postgresql://nobody:pass-of-nobody@127.0.0.1:1/none' },
    });
    expect(stderr.match(/error /g)).toHaveLength(1);
    expect(stderr).toMatch(/PostgreSQL|connect/);
    expect(`${stdout}${stderr}`).not.toContain('pass-of-nobody');
    expect(code).toBe(6);
  });

  it('says in one message that the embedded database cannot start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'exosphere-embedded-'));
    try {
      const used = ['--project', folder];
      const first = await project.exo(['run', 'cluster.yml', '--env', 'local', '--json', ...used], { env: { DATABASE_URL: '' } });
      expect(JSON.parse(first.stdout)).toMatchObject(whole);
      const { value } = await project.json(['doctor', ...used], { env: { DATABASE_URL: '' } });
      const database = value.findings.find(({ what }: { what: string }) => what === 'database').found as string;
      const data = / in (\S+)$/.exec(database)?.[1] ?? '';
      expect(data).not.toBe('');
      await rm(join(data, 'global', 'pg_control'));
      const { code, stderr } = await project.exo(['run', 'cluster.yml', '--env', 'local', ...used], { env: { DATABASE_URL: '' } });
      expect(stderr.match(/^error /gm)).toHaveLength(1);
      expect(stderr).toContain(data.split('/').at(-2) ?? '');
      expect(code).toBe(6);
    } finally {
      await removeEmbedded(folder);
      await rm(folder, { recursive: true });
    }
  });
});

/** The Node of the machine, where that is too old to run TypeScript. */
function olderNode(): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter((path) => !path.includes('node_modules'))) {
    try {
      const version = execFileSync(join(folder, 'node'), ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      if (Number(/^v(\d+)/.exec(version)?.[1]) < 24) return join(folder, 'node');
    } catch {
      // none here
    }
  }
  return null;
}

const older = olderNode();

describe.skipIf(older === null)('an older Node', () => {
  it('finds the one that came with the package', async () => {
    expect(await project.exo(['eval', '1 + 1'], { node: older ?? '' })).toEqual({ code: 0, stdout: '2\n', stderr: '' });
    expect((await project.exo(['evall'], { node: older ?? '' })).code).toBe(2);
  });

  it('hands on signals, and takes its child with it when it is killed', async () => {
    const from = hook.requests.length;
    const running = project.start(['run', 'cluster.yml', '--env', 'local'], { node: older ?? '' });
    await untilSent(from + 4);
    running.process.kill('SIGINT');
    expect((await running.ended).code).toBe(130);

    const resumed = project.start(['run', '--resume'], { node: older ?? '' });
    await untilSent(from + 8);
    resumed.process.kill('SIGKILL');
    await resumed.ended;
    const last = await project.json(['run', '--resume']);
    expect(last.value).toMatchObject(whole);
    expect(keysOf(from).size).toBe(items);
  });
});
