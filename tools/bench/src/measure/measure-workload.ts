import type { Result, ResultCosts } from '../report/result.ts';
import type { Contender, Measures, Place } from './contender.ts';
import type { ContenderProcess } from './contender-process.ts';
import { startContender } from './contender-process.ts';
import { costsOfTree } from './process-costs.ts';
import { median, statisticsOf } from './statistics.ts';
import type { Workload } from './workload.ts';

/** What measuring needs of the world around it. */
export interface Surroundings {
  readonly rounds: number;
  /** A place of its own for a contender. */
  place(workload: string, contender: Contender): Promise<Place>;
  /** The server that the contender works with; null: none. */
  serverPid(contender: Contender): number | null;
  tell(text: string): void;
}

interface Entrant {
  readonly contender: Contender;
  readonly process: ContenderProcess;
  readonly samples: Sample[];
}

interface Sample {
  readonly measures: Measures;
  readonly costs: ResultCosts | null;
}

/**
 * Measures the contenders of one workload by turns: each once for a warm-up, then each once in every round, so that all of them meet the
 * same machine. Only one works at any time.
 */
export async function measureWorkload(
  workload: Workload,
  contenders: readonly Contender[],
  around: Surroundings,
): Promise<readonly Result[]> {
  const entrants: Entrant[] = [];
  try {
    for (const contender of contenders) {
      const place = await around.place(workload.id, contender);
      const process = await startContender(workload.id, contender.name, place);
      entrants.push({ contender, process, samples: [] });
    }
    for (const entrant of entrants) if (warmsUp(entrant.contender)) await measureOnce(entrant, around);
    for (let round = 0; round < around.rounds; round += 1) {
      for (const entrant of entrants) {
        if (round >= (entrant.contender.mostRounds ?? Infinity)) continue;
        const sample = await measureOnce(entrant, around);
        entrant.samples.push(sample);
        around.tell(`${workload.id} ${entrant.contender.name}: ${toldOf(sample.measures)}`);
      }
    }
  } finally {
    for (const { process } of entrants) await process.close();
  }
  return entrants.map((entrant) => resultOf(workload, entrant));
}

/** What has rounds of its own warms up by itself; a start-up is to be cold. */
function warmsUp(contender: Contender): boolean {
  return contender.withoutCosts !== true;
}

async function measureOnce({ contender, process }: Entrant, around: Surroundings): Promise<Sample> {
  if (contender.withoutCosts === true) return { measures: await process.measure(), costs: null };
  const server = around.serverPid(contender);
  const costs = async (): Promise<readonly [own: Costs, server: Costs]> => [
    await process.costs(),
    server === null ? null : await costsOfTree(server),
  ];
  const [ownBefore, serverBefore] = await costs();
  const measures = await process.measure();
  const [own, serverAfter] = await costs();
  if (own === null || ownBefore === null) return { measures, costs: null };
  const serverCpuMs = (serverAfter?.cpuMs ?? 0) - (serverBefore?.cpuMs ?? 0);
  return { measures, costs: { peakBytes: own.peakBytes, workerCpuMs: own.cpuMs - ownBefore.cpuMs, serverCpuMs } };
}

type Costs = Awaited<ReturnType<typeof costsOfTree>>;

function resultOf(workload: Workload, { contender, samples }: Entrant): Result {
  const keys = workload.metrics.map(({ key }) => key).filter((key) => samples.some(({ measures }) => measures[key] !== undefined));
  const metrics = Object.fromEntries(keys.map((key) => [key, statisticsOf(samples.flatMap(({ measures }) => measures[key] ?? []))]));
  const costs = samples.flatMap((sample) => sample.costs ?? []);
  return {
    ...{ workload, contender: contender.name, isPeer: contender.isPeer, rounds: samples.length, metrics },
    costs: costs.length === 0 ? null : summed(costs),
  };
}

function summed(costs: readonly ResultCosts[]): ResultCosts {
  return {
    peakBytes: Math.max(...costs.map(({ peakBytes }) => peakBytes)),
    workerCpuMs: median(costs.map(({ workerCpuMs }) => workerCpuMs)),
    serverCpuMs: median(costs.map(({ serverCpuMs }) => serverCpuMs)),
  };
}

function toldOf(measures: Measures): string {
  return Object.entries(measures)
    .map(([key, value]) => `${key} ${value.toLocaleString('en', { maximumSignificantDigits: 5 })}`)
    .join(', ');
}
