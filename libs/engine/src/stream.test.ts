import type { OpenSatellite } from '@exosphere/ports';
import type { Step } from '@exosphere/run-machine';
import { describe, expect, it } from 'vitest';
import type { Item } from './item.ts';
import type { ShardPlace } from './shard-place.ts';
import { openStream } from './stream.ts';

describe('a stream whose shard is lost', () => {
  it('settles what is on its way, though nobody records it any more', async () => {
    const lost = new AbortController();
    const ledger = { readChunks: async function* () {} };
    const place = { signal: lost.signal, run: { row: { id: 'r' } }, desk: { ledger }, add: () => undefined } as unknown as ShardPlace; // all of it that a stream looks at
    const step = { plan: { satellite: { key: 'n', cardinality: 'many' } } } as Step; // the same
    const item = { step: 0, path: [], origin: -1 } as unknown as Item; // the same
    const satellite = { checkOutput: () => null } as unknown as OpenSatellite; // the same
    const stream = await openStream(place, step, item);
    const pushed = stream?.push([{ n: 1 }], satellite);
    lost.abort(new RangeError('the lease is lost'));
    await expect(pushed).rejects.toThrow('the lease is lost');
    await expect(stream?.push([{ n: 2 }], satellite)).rejects.toThrow('the lease is lost');
  }, 2_000);
});
