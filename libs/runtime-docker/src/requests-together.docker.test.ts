import type { JsonObject } from '@exosphere/model';
import type { OpenSatellite } from '@exosphere/ports';
import { requireImages } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DockerWorld } from './testing/docker-world.ts';
import { callOpen, createDockerWorld, leftOvers, objectsOf } from './testing/docker-world.ts';

const ready = `read hello; echo '{"exosphere":1,"ready":true}'`;
const nonce = `nonce=$(echo "$line" | sed 's/.*"nonce":"\\([0-9a-f]*\\)".*/\\1/')`;
const reply = 'echo "{\\"nonce\\":\\"$nonce\\",\\"objects\\":[{\\"host\\":\\"$(hostname)\\"}]}"';
const worker = (answer: string): string => `${ready}; while read -r line; do ${nonce}; ${answer}; done`;

describe('requests that share a container', () => {
  let world: DockerWorld;
  beforeAll(async () => {
    await requireImages(['busybox:stable']);
    world = await createDockerWorld({ limits: { patienceMs: 60_000 } });
  });
  afterAll(async () => {
    await world.close();
    expect(await leftOvers()).toEqual([]);
  });

  const open = (answer: string, manifest: JsonObject = {}): Promise<OpenSatellite> =>
    world.open(worker(answer), { resources: { cpu: 0.25 }, ...manifest }, { mode: 'worker', concurrency: 4 });
  const poison = `if echo "$line" | grep -q '"item":"die"'; then exit 7; fi; if echo "$line" | grep -q '"item":"wait"'; then continue; fi; ${reply}`;

  it('are not charged for one another: what was lost together says so, and apart it is known whose fault it was', async () => {
    const satellite = await open(poison);
    const [waiting, dying] = await Promise.all([callOpen(satellite, { inputs: ['wait'] }), callOpen(satellite, { inputs: ['die'] })]);
    for (const { end } of [waiting, dying]) expect(end).toMatchObject({ kind: 'lost', reason: 'crash', shared: true });
    const apart = await Promise.all([callOpen(satellite, { inputs: ['ok'] }), callOpen(satellite, { inputs: ['die'], apart: true })]);
    expect(apart[0].replies[0]).toMatchObject({ kind: 'objects' });
    expect(apart[1].replies[0]).toMatchObject({ kind: 'error', error: { code: 'container-failed' } });
    await satellite.close();
  });

  it('are begun anew where their container had ended before they were sent', async () => {
    const satellite = await open(poison);
    const results = await Promise.all(
      Array.from({ length: 6 }, async (_, place) => {
        const died = callOpen(satellite, { inputs: ['die'], apart: true });
        const other = await callOpen(satellite, { inputs: [place] });
        await died;
        return other.replies[0]?.kind;
      }),
    );
    expect(new Set(results)).toEqual(new Set(['objects']));
    await satellite.close();
  });

  it('SEC-06: see the secrets of one step only, so that all that they print can be masked', async () => {
    const satellite = await open(reply, { secrets: ['TOKEN'] });
    const hostWith = async (secrets: Readonly<Record<string, string>>): Promise<unknown> =>
      (objectsOf((await callOpen(satellite, { secrets })).replies[0]) as readonly JsonObject[])[0]?.['host'];
    const first = await hostWith({ TOKEN: 'one-secret' });
    expect(await hostWith({ TOKEN: 'another-secret' })).not.toBe(first);
    expect(await hostWith({ TOKEN: 'one-secret' })).toBe(first);
    await satellite.close();
  });
});
