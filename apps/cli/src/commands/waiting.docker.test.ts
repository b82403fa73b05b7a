import { requireImages } from '@exosphere/testkit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestProject } from '../testing/project.ts';
import { clusterText, createTestProject } from '../testing/project.ts';

const satellite = (mode: string): string => `
manifest: 1
identifier: satellite/test/ask${mode === 'once' ? '' : `-${mode}`}
version: 1.0.0
runtime: { docker: { image: 'busybox:stable', mode: ${mode}, command: [echo, '{}'] } }
resources: { gpu: { min-memory: 80GiB } }
output: { cardinality: one }
`;
const cluster = (name: string): string =>
  clusterText(`
- { identifier: first, uses: satellite/exospherehost/transform }
- { identifier: llm, uses: satellite/test/${name} }
`);
const reason = 'no GPU host for satellite/test/ask; needs 1 × nvidia ≥ 80 GiB; this host has no GPU';
const host = process.env['DOCKER_HOST'];
const env = { EXO_GPUS: 'none', ...(host === undefined ? {} : { DOCKER_HOST: host }) };

let project: TestProject;
beforeAll(async () => {
  await requireImages(['busybox:stable']);
  project = await createTestProject({
    'satellites/ask/satellite.yaml': satellite('once'),
    'satellites/ask-worker/satellite.yaml': satellite('worker'),
    'cluster.yml': cluster('ask'),
    'worker.yml': cluster('ask-worker'),
  });
});
afterAll(() => project.remove());

/** Each try is a new lease of the shard. */
async function triedAgain(run: string): Promise<void> {
  const client = new pg.Client({ connectionString: project.databaseUrl });
  await client.connect();
  const tries = async (): Promise<number> => (await client.query(`select epoch from exosphere.shard where run = '${run}'`)).rows[0].epoch;
  const before = await tries();
  await expect.poll(tries, { timeout: 30_000, interval: 200 }).toBeGreaterThan(before + 1);
  await client.end();
}

async function recordsOf(run: string): Promise<readonly { readonly level: string; readonly step: string; readonly message: string }[]> {
  const { stdout } = await project.exo(['runs', 'logs', run, '--level', 'warn', '--json']);
  return stdout.trim().split('\n').map((line) => JSON.parse(line)); // prettier-ignore
}

describe('a run that needs a graphics card which this host does not have', () => {
  it('waits, says why wherever one looks, and can be cancelled', async () => {
    const running = project.start(['run', 'cluster.yml', '--json'], { env });
    await running.said(`llm waits: ${reason}`);
    const { value } = await project.json(['runs', 'show', 'latest']);
    expect(value).toMatchObject({ status: 'running', open: 1, waiting: [{ step: 'llm', reason }] });
    expect(value.steps).toMatchObject([{ step: 'first', completed: 1 }, { step: 'llm', completed: 0, failed: 0 }]); // prettier-ignore
    const shown = await project.exo(['runs', 'show', 'latest']);
    expect(shown.stdout).toContain(`waiting      llm: ${reason}`);
    expect(shown.stdout).toContain('exo doctor');

    await triedAgain(value.run);
    expect(await recordsOf(value.run)).toMatchObject([
      { level: 'warn', step: 'llm', message: `its items wait: ${reason}`, fields: { code: 'runtime-unavailable' } },
    ]);

    expect((await project.exo(['runs', 'cancel', 'latest'])).code).toBe(0);
    const { code, stdout } = await running.ended;
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'cancelled', waiting: [] });
  });

  it('can be interrupted, and tells the reason no second time when it goes on', async () => {
    const running = project.start(['run', 'cluster.yml'], { env });
    await running.said(`llm waits: ${reason}`);
    running.process.kill('SIGINT');
    const { code, stdout } = await running.ended;
    expect(code).toBe(130);
    expect(stdout).toContain(`waiting      llm: ${reason}`);
    const { run } = (await project.json(['runs', 'show', 'latest'])).value as { run: string };

    const again = project.start(['run', '--resume'], { env });
    await again.said(`llm waits: ${reason}`);
    await triedAgain(run);
    again.process.kill('SIGINT');
    await again.ended;
    expect(await recordsOf(run)).toHaveLength(1);
  });
});

it('a run waits as well where the card is said to be there, and the engine has no way to give it', async () => {
  // no host has a card of this name
  const declared = JSON.stringify([{ id: 'GPU-00000000-0000-0000-0000-000000000000', memory: '80GiB' }]);
  const running = project.start(['run', 'worker.yml', '--json'], { env: { ...env, EXO_GPUS: declared } });
  await running.said('llm waits: no GPU on this host: the container engine says');
  const { value } = await project.json(['runs', 'show', 'latest']);
  await triedAgain(value.run);
  expect(value.waiting).toMatchObject([
    { step: 'llm', reason: expect.stringMatching(/^no GPU on this host: the container engine says '.+'; /) },
  ]);
  expect(await recordsOf(value.run)).toHaveLength(1);
  await project.exo(['runs', 'cancel', 'latest']);
  expect((await running.ended).code).toBe(5);
});
