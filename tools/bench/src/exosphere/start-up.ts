import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JsonObject } from '@exosphere/model';
import { removeEmbedded } from '@exosphere/postgres';
import type { Measures, OpenContender } from '../measure/contender.ts';

const run = promisify(execFile);
const exo = join(import.meta.dirname, '../../../../apps/cli/bin/exo.js');

const cluster: JsonObject = {
  version: '0.0.1b',
  cluster: {
    identifier: 'bench/start-up',
    sla: '1h',
    trigger: { 'api-call': {} },
    satellites: [{ uses: 'satellite/exospherehost/transform', config: { object: { n: 1 } } }],
  },
};

/** What `--json` prints of a run, and of an execution: as much of it as is read here. */
interface Told {
  readonly run?: string;
  readonly status?: string;
  readonly startedAt?: number;
}

/**
 * W8: `exo run` in a folder where nothing was ever run: no database, no built satellite, no cache. What is there is what the
 * installation has, and what the first `exo` of this machine copied (PostgreSQL's programs, for root).
 */
export async function openStartUp(): Promise<OpenContender> {
  return { measure: measureOnce, close: async () => undefined };
}

async function measureOnce(): Promise<Measures> {
  const folder = await mkdtemp(join(tmpdir(), 'exosphere-bench-'));
  const call = async (args: readonly string[]): Promise<Told> => {
    const env = { ...process.env, XDG_CACHE_HOME: join(folder, 'cache'), DATABASE_URL: '' };
    const { stdout } = await run(process.execPath, [exo, ...args, '--json', '--project', folder], { env, cwd: folder, timeout: 120_000 });
    return JSON.parse(stdout) as Told; // what --json prints
  };
  try {
    await writeFile(join(folder, 'cluster.yml'), JSON.stringify(cluster));
    const began = Date.now();
    const report = await call(['run', 'cluster.yml']);
    const ended = Date.now();
    if (report.status !== 'completed') throw new TypeError(`the run ended '${report.status ?? 'untold'}'`);
    const execution = await call(['runs', 'show', report.run ?? '', 'transform']);
    return { first_step_s: (Number(execution.startedAt) - began) / 1_000, end_s: (ended - began) / 1_000 };
  } finally {
    await removeEmbedded(folder);
    await rm(folder, { recursive: true, force: true });
  }
}
