import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { satelliteRuntimeContract } from '@exosphere/testkit/satellite-runtime-contract';
import type { LocalSatellite } from '@exosphere/satellite-package';
import { openLocalSatellites } from '@exosphere/satellite-package';
import { createIsolateRuntime } from './index.ts';
import { memoryBlobs } from '@exosphere/testkit';

satelliteRuntimeContract('the isolate runtime', async () => {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'exosphere-isolate-'));
  const folder = join(import.meta.dirname, '../../testkit/contract-satellites');
  const satellites = await openLocalSatellites({ folders: [folder], cacheFolder });
  const blobs = memoryBlobs();
  const runtime = createIsolateRuntime({ satellites, blobs });
  const lock = ({ reference, version, digest, manifest }: LocalSatellite) => ({
    reference,
    version,
    digest,
    cardinality: 'many' as const,
    text: manifest.output.text,
    key: manifest.output.key,
  });
  const [plain, streaming] = satellites.all.map(lock);
  if (plain === undefined || streaming === undefined) throw satellites.failures[0] ?? new Error('the contract has two satellites');
  return {
    runtime,
    blobs,
    plain,
    streaming,
    async close() {
      await runtime.close();
      await rm(cacheFolder, { recursive: true });
    },
  };
});
