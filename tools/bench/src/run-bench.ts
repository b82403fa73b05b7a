import type { BenchDatabase } from './machine/database.ts';
import { startDatabase } from './machine/database.ts';
import { loadNow, machineFacts } from './machine/machine.ts';
import { versionsOf } from './machine/versions.ts';
import type { Contender } from './measure/contender.ts';
import type { Surroundings } from './measure/measure-workload.ts';
import { measureWorkload } from './measure/measure-workload.ts';
import type { RedisServer } from './peers/redis-server.ts';
import { whyNoContainers } from './machine/container-engine.ts';
import { startRedis } from './peers/redis-server.ts';
import type { Options } from './read-options.ts';
import type { Report, Result, Skipped } from './report/result.ts';
import { workloads } from './workloads/index.ts';

/** Measures what was asked for. */
export async function runBench(options: Options, tell: (text: string) => void): Promise<Report> {
  const wanted = workloads.filter(({ id }) => options.workloads.includes(id));
  const facts = await machineFacts();
  const loadBefore = loadNow();
  const database = await startDatabase();
  const redis = options.withPeers ? await startRedis() : null;
  const noContainers = await whyNoContainers();
  const stop = async (): Promise<void> => {
    await redis?.stop();
    await database.stop();
  };
  const interrupted = (): void => void stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  const skipped: Skipped[] = [];
  const results: Result[] = [];
  try {
    const around = surroundings(options, { database, redis }, tell);
    for (const workload of wanted) {
      const taking = workload.contenders.filter((contender) => {
        const why = whyNot(contender, options, { redis, noContainers });
        if (why !== null) skipped.push({ name: `${workload.id} ${contender.name}`, why });
        return why === null;
      });
      results.push(...(await measureWorkload(workload, taking, around)));
    }
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await stop();
  }
  const versions = { ...versionsOf(['graphile-worker', 'pg-boss', 'bullmq', '@actions/expressions']), redis: redis?.version ?? 'none' };
  const machine = { ...facts, loadBefore, loadAfter: loadNow(), database: database.facts, versions };
  return { at: new Date().toISOString(), machine, isQuick: options.isQuick, results, skipped };
}

function whyNot(
  contender: Contender,
  { withPeers, contenders }: Options,
  { redis, noContainers }: { readonly redis: RedisServer | null; readonly noContainers: string | null },
): string | null {
  if (contenders !== null && !contenders.includes(contender.name)) return 'it was not asked for (--contender)';
  if (contender.isPeer && !withPeers) return 'peers were not asked for (--no-peers)';
  if (contender.needs === 'containers') return noContainers;
  return contender.needs === 'redis' && redis === null ? "there is no 'redis-server' on the PATH" : null;
}

interface Servers {
  readonly database: BenchDatabase;
  readonly redis: RedisServer | null;
}

function surroundings({ rounds }: Options, { database, redis }: Servers, tell: Surroundings['tell']): Surroundings {
  return {
    rounds,
    tell,
    place: async (workload, { name, needs }) => ({
      databaseUrl:
        needs === 'postgres' ? await database.create(`bench_${workload}_${name}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')) : '',
      redisPort: redis?.port ?? null,
    }),
    serverPid: ({ needs }) => (needs === 'postgres' ? database.pid : needs === 'redis' ? (redis?.pid ?? null) : null),
  };
}
