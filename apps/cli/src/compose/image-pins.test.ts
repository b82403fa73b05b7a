import type { StoredSatellite } from '@exosphere/satellite-package';
import { describe, expect, it } from 'vitest';
import { pinningWith } from './image-pins.ts';

const docker = { kind: 'docker', build: null, image: 'worker:1', server: { image: 'server:1' } };
const satellite = { reference: 'satellite/acme/model', manifest: { runtime: docker } } as unknown as StoredSatellite; // what is read of one

describe('image names', () => {
  const pins = (environment: Parameters<typeof pinningWith>[1]): Promise<unknown> =>
    pinningWith(async (image) => `${image}@sha256:a`, environment)(satellite);
  const place = { line: 1, column: 1 };

  it('are pinned, each', async () => {
    expect(await pins(null)).toEqual({ satellite: 'worker:1@sha256:a', server: 'server:1@sha256:a' });
  });

  it('of a server that the environment names are not asked for', async () => {
    expect(await pins({ secrets: {}, endpoints: { server: 'http://127.0.0.1:1' }, satellites: {} })).toEqual({
      satellite: 'worker:1@sha256:a',
    });
  });

  it.each(['satellite/acme/model', 'acme/model'])('of a satellite for which another one stands (%s) are not asked for', async (name) => {
    const satellites = { [name]: { uses: 'satellite/acme/other', config: {}, input: null, place } };
    expect(await pins({ secrets: {}, endpoints: {}, satellites })).toBeUndefined();
  });
});
