import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InternalError } from '@exosphere/model';
import type { OpenSatellite } from '@exosphere/ports';
import { createDockerRuntime } from '@exosphere/runtime-docker';
import type { StoredSatellite } from '@exosphere/satellite-package';
import { bundleSatellite, satelliteDigest } from '@exosphere/satellite-package';
import { isConfigured, manifestFrom } from '@exosphere/satellite-protocol';
import { memoryBlobs } from '@exosphere/testkit';
import { engineOfMachine } from '../machine/container-engine.ts';
import type { Measures, OpenContender } from '../measure/contender.ts';
import { medianTime } from '../measure/median-time.ts';
import { containerColdStarts, containerItems, containerRoundTrips } from '../workloads/sizes.ts';

const never = new AbortController().signal;
const noOp = join(import.meta.dirname, '../../satellites-in-containers/no-op');
let requests = 0;

/** W4: satellites in containers, without an executor. */
export async function openContainers(): Promise<OpenContender> {
  const homes = await mkdtemp(join(tmpdir(), 'exo-'));
  const [warm, cold] = [await bundleSatellite(noOp), plainProgram()];
  const stored = new Map([warm, cold].map((satellite) => [satellite.digest, satellite]));
  const satellites = {
    manifest: (digest: string) => stored.get(digest)?.manifest ?? null,
    load: async (digest: string) => stored.get(digest) ?? null,
  };
  const runtime = createDockerRuntime({
    engine: engineOfMachine(),
    satellites,
    blobs: memoryBlobs(),
    homes,
    gpus: 'none',
    limits: { containers: 2, idleMs: 600_000 },
  });
  const open = ({ reference, version, digest }: StoredSatellite): Promise<OpenSatellite> =>
    runtime.open(
      { reference, version, digest, cardinality: 'one', text: null, key: null },
      { project: 'bench', run: 'r', step: 's', fresh: 'lease', signal: never },
    );
  const [warmOne, coldOne] = [await open(warm), await open(cold)];
  await call(warmOne, 1); // it is started by this
  return {
    measure: async () => ({ cold_ms: await medianTime(containerColdStarts, () => call(coldOne, 1)), ...(await measureWarm(warmOne)) }),
    close: async () => {
      await warmOne.close();
      await coldOne.close();
      await runtime.close();
      await rm(homes, { recursive: true, force: true });
    },
  };
}

function plainProgram(): StoredSatellite {
  const read = manifestFrom({
    manifest: 1,
    identifier: 'satellite/bench/plain-program',
    runtime: { docker: { image: 'busybox:stable', command: ['echo', '{"ok":true}'], mode: 'once' } },
    output: { cardinality: 'one' },
  });
  if ('violations' in read || isConfigured(read.manifest)) throw new InternalError('the manifest of a bench is wrong');
  const { manifest } = read;
  return {
    reference: manifest.identifier,
    version: '1.0.0',
    digest: satelliteDigest(manifest, null),
    manifest,
    bundle: null,
    archive: null,
  };
}

async function measureWarm(satellite: OpenSatellite): Promise<Measures> {
  const roundTrip = await medianTime(containerRoundTrips, () => call(satellite, 1));
  const hundred = await medianTime(10, () => call(satellite, 100));
  const began = performance.now();
  let left = containerItems;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      const count = Math.min(left, satellite.callSize);
      left -= count;
      await call(satellite, count);
    }
  };
  await Promise.all([lane(), lane()]); // as the engine does
  return { round_trip_ms: roundTrip, hundred_ms: hundred, per_second: (containerItems / (performance.now() - began)) * 1_000 };
}

async function call(satellite: OpenSatellite, count: number): Promise<void> {
  let answered = 0;
  const end = await satellite.invoke(
    {
      requests: Array.from({ length: count }, () => {
        requests += 1;
        const key = `bench/s/${String(requests)}`;
        return {
          execution: key,
          idempotencyKey: key,
          attempt: 1,
          deadline: '2100-01-01T00:00:00.000Z',
          resume: null,
          config: {},
          input: { n: 1 },
          item: { n: 1 },
          secrets: {},
        };
      }),
      mode: 'each',
      timeoutMs: 60_000,
      events: { reply: (_, reply) => (answered += reply.kind === 'objects' ? 1 : 0), objects: async () => undefined, log: () => undefined },
    },
    { signal: never },
  );
  if (end.kind !== 'done' || answered !== count) throw new InternalError(`of ${String(count)} requests ${String(answered)} were answered`);
}
