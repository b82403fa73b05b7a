import { describe, expect, it } from 'vitest';
import type { JsonObject } from '@exosphere/model';
import { containerSeal } from './container-seal.ts';
import type { SealedContainer } from './profile/sealed.ts';
import { deadlineLabel } from './sweep/sweep.ts';
import { manifestOf, storedAs } from './testing/docker-world.ts';

function sealedOnce(output: JsonObject): SealedContainer {
  const satellite = storedAs(manifestOf({ runtime: { docker: { image: 'busybox:stable', mode: 'once' } }, output }));
  const { reference, version, digest } = satellite;
  const seal = containerSeal({
    opening: {
      locked: { reference, version, digest, cardinality: 'many', text: null, key: satellite.manifest.output.key },
      satellite,
      openOptions: { project: 'p', run: 'r', step: 's', fresh: 'lease', signal: new AbortController().signal },
    },
    image: { id: 'sha256:0', volumes: [] },
    cards: null,
    owner: { id: 'me', standing: () => 'ours' },
    kind: 'once',
  });
  const close = async (): Promise<void> => undefined;
  const gateway = { grant: () => undefined, revoke: () => undefined, close };
  const home = { folder: '/run/me/1', gateway, files: '', egress: null, close };
  return seal({ name: 'exo-once-1', home, environment: {}, labels: {}, timeoutMs: 1_000 });
}

describe('the container of one execution', () => {
  it('is of no use when its time is over, and the kernel and the sweep know when that is', () => {
    const before = Date.now();
    const { labels, cpuSeconds } = sealedOnce({ cardinality: 'many' });
    expect(cpuSeconds).toBe(61);
    expect(Number(labels[deadlineLabel])).toBeGreaterThanOrEqual(before + 61_000);
  });

  it('has as long as it goes on, where its list is handed on in parts: the clock begins anew with each of them', () => {
    const schema = { type: 'object', properties: { n: { type: 'number' } } };
    const { labels, cpuSeconds } = sealedOnce({ cardinality: 'many', key: 'n', schema });
    expect(cpuSeconds).toBeNull();
    expect(labels).not.toHaveProperty([deadlineLabel]);
  });
});
