import { requireImages } from '@exosphere/testkit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestProject } from '../testing/project.ts';
import { clusterText, createTestProject } from '../testing/project.ts';

const satellite = `
manifest: 1
identifier: satellite/test/ask
version: 1.0.0
runtime: { docker: { image: 'busybox:stable', mode: once, command: [echo, '{}'] } }
resources: { gpu: { min-memory: 80GiB } }
output: { cardinality: one }
`;
const cluster = clusterText(`
- { identifier: first, uses: satellite/exospherehost/transform }
- { identifier: llm, uses: satellite/test/ask }
`);
const reason = 'no GPU host for satellite/test/ask; needs 1 × nvidia ≥ 80 GiB; this host has no GPU';
const host = process.env['DOCKER_HOST'];
const env = { EXO_GPUS: 'none', ...(host === undefined ? {} : { DOCKER_HOST: host }) };

let project: TestProject;
beforeAll(async () => {
  await requireImages(['busybox:stable']);
  project = await createTestProject({ 'satellites/ask/satellite.yaml': satellite, 'cluster.yml': cluster });
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
