import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalSatellite } from '@exosphere/satellite-package';
import { openLocalSatellites } from '@exosphere/satellite-package';
import { memoryBlobs, requireImages } from '@exosphere/testkit';
import { satelliteRuntimeContract } from '@exosphere/testkit/satellite-runtime-contract';
import { createDockerRuntime } from './index.ts';
import { engineSocket } from './testing/docker-world.ts';

satelliteRuntimeContract('the runtime for containers', async () => {
  await requireImages(['node:24-bookworm-slim']);
  const cacheFolder = await mkdtemp(join(tmpdir(), 'exo-'));
  const folder = join(import.meta.dirname, '../../testkit/container-satellites');
  const satellites = await openLocalSatellites({ folders: [folder], cacheFolder });
  const blobs = memoryBlobs();
  const runtime = createDockerRuntime({ engine: engineSocket, satellites, blobs, homes: join(cacheFolder, 'h'), gpus: 'none' });
  const locked = (
    name: string,
  ): { reference: string; version: string; digest: string; cardinality: 'many'; text: null; key: string | null } => {
    const found = satellites.all.find(({ reference }: LocalSatellite) => reference === `satellite/contract/${name}`);
    if (found === undefined) throw new RangeError(`no satellite ${name}: ${satellites.failures.map(({ message }) => message).join('\n')}`);
    return {
      reference: found.reference,
      version: found.version,
      digest: found.digest,
      cardinality: 'many',
      text: null,
      key: found.manifest.output.key,
    };
  };
  return {
    runtime,
    blobs,
    plain: locked('plain'),
    streaming: locked('streaming'),
    close: async () => {
      await runtime.close();
      await rm(cacheFolder, { recursive: true });
    },
  };
});
