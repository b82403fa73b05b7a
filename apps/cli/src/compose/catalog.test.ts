import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LockedImages } from '@exosphere/model';
import type { StoredSatellite } from '@exosphere/satellite-package';
import { openLocalSatellites } from '@exosphere/satellite-package';
import { expect, it, onTestFinished } from 'vitest';
import { openArtifacts } from './artifacts.ts';
import { resolveCatalog } from './catalog.ts';
import { pinningWith } from './image-pins.ts';

const digest = `sha256:${'1'.repeat(64)}`;
const manifest = {
  runtime: { kind: 'docker', build: null, image: 'worker:1', server: { image: 'server:1' } },
} as StoredSatellite['manifest']; // nothing else of it is looked at
const satellite: StoredSatellite = { reference: 'satellite/test/one', version: '1.0.0', digest, manifest, bundle: null, archive: null };

it.each<[string, LockedImages | undefined, readonly string[]]>([
  ['nothing', undefined, ['worker:1', 'server:1']],
  ['one image of two', { satellite: 'worker@sha256:a' }, ['server:1']],
  ['the other image of two', { server: 'server@sha256:b' }, ['worker:1']],
  ['both images', { satellite: 'worker@sha256:a', server: 'server@sha256:b' }, []],
])('a lock that pins %s: the rest is asked for, and only that', async (_, images, asks) => {
  const folder = await mkdtemp(join(tmpdir(), 'exosphere-catalog-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const artifacts = openArtifacts(folder);
  await artifacts.keep(satellite);
  const asked: string[] = [];
  const pin = pinningWith(async (image) => {
    asked.push(image);
    return image === 'worker:1' ? 'worker@sha256:a' : 'server@sha256:b';
  }, null);
  const uses = { reference: satellite.reference, range: null };
  const lock = new Map([[satellite.reference, { version: '1.0.0', digest, ...(images === undefined ? {} : { images }) }]]);
  const local = await openLocalSatellites({ folders: [], cacheFolder: folder });
  const found = await resolveCatalog([uses], { index: [], local, artifacts, folder, lock, pin });
  expect(found.images.get(satellite.reference)).toEqual({ satellite: 'worker@sha256:a', server: 'server@sha256:b' });
  expect(asked).toEqual(asks);
});
