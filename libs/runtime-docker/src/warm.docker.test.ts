import { join } from 'node:path';
import type { JsonObject } from '@exosphere/model';
import type { OpenSatellite } from '@exosphere/ports';
import { bundleSatellite } from '@exosphere/satellite-package';
import { callEngine, requireImages } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DockerWorld } from './testing/docker-world.ts';
import { callOpen, createDockerWorld, leftOvers, objectsOf } from './testing/docker-world.ts';

/** A worker in shell: `answer` is run for each request, with its line in `$line` and its nonce in `$nonce`. */
function shellWorker(answer: string, before = ''): string {
  return `${before}
read hello
echo '{"exosphere":1,"ready":true}'
while read -r line; do
  nonce=$(echo "$line" | sed 's/.*"nonce":"\\([0-9a-f]*\\)".*/\\1/')
  ${answer}
done`;
}

const done = 'echo "{\\"nonce\\":\\"$nonce\\",\\"objects\\":[{\\"host\\":\\"$(hostname)\\"}]}"';
const hostsOf = (replies: readonly unknown[]): readonly unknown[] =>
  replies.map((reply) => ((reply as { objects?: readonly JsonObject[] } | undefined)?.objects ?? [])[0]?.['host']);

describe('warm containers', () => {
  let world: DockerWorld;
  beforeAll(async () => {
    await requireImages(['busybox:stable', 'node:24-bookworm-slim']);
    world = await createDockerWorld({ limits: { containers: 4, patienceMs: 60_000 } });
  });
  afterAll(async () => {
    await world.close();
    expect(await leftOvers()).toEqual([]);
  });

  const openShell = (answer: string, docker: JsonObject = {}, before = ''): Promise<OpenSatellite> =>
    world.open(shellWorker(answer, before), {}, { mode: 'worker', ...docker });

  it('one serves many requests, of several openings', async () => {
    const first = await openShell(done);
    const second = await openShell(done);
    const told = [await callOpen(first, { inputs: [1, 2, 3] }), await callOpen(second, { inputs: [4, 5] })];
    expect(new Set(told.flatMap(({ replies }) => hostsOf(replies))).size).toBe(1);
    await first.close();
    await second.close();
  });

  it('that dies under one request fails it, with what it printed, and the next one gets another', async () => {
    const satellite = await openShell(`if echo "$line" | grep -q '"item":"die"'; then echo "out of paper" >&2; exit 7; fi; ${done}`, {
      concurrency: 1,
    });
    const { end, replies } = await callOpen(satellite, { inputs: ['a', 'die', 'b'] });
    expect(end).toEqual({ kind: 'done' });
    expect(replies[1]).toMatchObject({
      kind: 'error',
      error: { code: 'container-failed', retryable: true, message: expect.stringMatching(/exit code 7.*out of paper/s) },
    });
    expect([replies[0], replies[2]]).toMatchObject([{ kind: 'objects' }, { kind: 'objects' }]);
    await satellite.close();
  });

  it('that dies under several leaves open whose fault it was', async () => {
    const satellite = await openShell(`if echo "$line" | grep -q '"item":"die"'; then exit 7; fi`, { concurrency: 4 });
    const { end, replies } = await callOpen(satellite, { inputs: ['wait', 'wait', 'die'] });
    expect(end).toMatchObject({ kind: 'lost', reason: 'crash' });
    expect(replies).toEqual([undefined, undefined, undefined]);
    await satellite.close();
  });

  it('that never gets ready fails its requests, with what it printed', async () => {
    const satellite = await openShell(done, {}, 'echo "no such module" >&2; exit 1');
    const { replies } = await callOpen(satellite, { inputs: [1, 2] });
    for (const reply of replies) {
      expect(reply).toMatchObject({
        kind: 'error',
        error: { code: 'container-failed', message: expect.stringContaining('no such module') },
      });
    }
    await satellite.close();
  });

  it('CTR-09: an answer for another execution is a log record, and no answer', async () => {
    const other = 'echo "{\\"nonce\\":\\"00000000000000000000000000000000\\",\\"objects\\":[{\\"forged\\":true}]}"';
    const satellite = await openShell(`${other}; echo garbage; printf '{"half"'; echo; ${done}`);
    const { replies, logs } = await callOpen(satellite);
    expect(objectsOf(replies[0])).toMatchObject([{ host: expect.any(String) }]);
    expect(logs.map(({ level, message }) => `${level} ${message}`)).toEqual([
      expect.stringContaining('warn {"nonce":"00000000'),
      'warn garbage',
      'warn {"half"',
    ]);
    await satellite.close();
  });

  it('CTR-10: an answer that cannot be read, or of another kind, fails its own request', async () => {
    const bad = 'echo "{\\"nonce\\":\\"$nonce\\",\\"nothing\\":1}"';
    const satellite = await openShell(`if echo "$line" | grep -q '"item":"bad"'; then ${bad}; else ${done}; fi`);
    const { replies } = await callOpen(satellite, { inputs: ['bad', 'good'] });
    expect(replies[0]).toMatchObject({ kind: 'error', error: { code: 'answer-unreadable', retryable: true } });
    expect(replies[1]).toMatchObject({ kind: 'objects' });
    await satellite.close();
  });

  it('are replaced after so many requests', async () => {
    const small = await createDockerWorld({ limits: { requests: 2, patienceMs: 60_000 } });
    const satellite = await small.open(shellWorker(done), {}, { mode: 'worker', concurrency: 1 });
    const { replies } = await callOpen(satellite, { inputs: [1, 2, 3, 4] });
    expect(new Set(hostsOf(replies)).size).toBe(2);
    await satellite.close();
    await small.close();
  });

  it('are replaced when their memory grows, before they hit their limit', async () => {
    const small = await createDockerWorld({ limits: { memoryShare: 0.3, measureMs: 50, patienceMs: 50 } });
    const grow = 'big=$(head -c 16000000 /dev/zero | tr "\\0" x)';
    const satellite = await small.open(
      shellWorker(`${grow}; ${done}`),
      { resources: { memory: '40MiB' } },
      { mode: 'worker', concurrency: 1 },
    );
    const hosts = new Set<unknown>();
    await expect
      .poll(async () => hosts.add(hostsOf((await callOpen(satellite)).replies)[0]).size, { timeout: 30_000, interval: 100 })
      .toBeGreaterThan(1);
    await satellite.close();
    await small.close();
  });

  it('are stopped when they have had nothing to do for a while', async () => {
    const small = await createDockerWorld({ limits: { idleMs: 100 } });
    const satellite = await small.open(shellWorker(done), {}, { mode: 'worker' });
    const [host] = hostsOf((await callOpen(satellite)).replies);
    const isThere = async (): Promise<boolean> =>
      (await callEngine({ path: `/containers/${String(host)}/json`, expects: [404] })).status !== 404;
    await expect.poll(isThere, { timeout: 20_000 }).toBe(false);
    const [next] = hostsOf((await callOpen(satellite)).replies);
    expect([typeof next, next === host]).toEqual(['string', false]);
    await satellite.close();
    await small.close();
  });

  describe('of a satellite that hears', () => {
    let satellite: OpenSatellite;
    beforeAll(async () => {
      satellite = await world.openStored(await bundleSatellite(join(import.meta.dirname, '../../testkit/container-satellites/plain')));
    }, 120_000);
    afterAll(() => satellite.close());

    const slowly = { config: { do: 'slowly', ms: 2_500 }, inputs: ['kept'] };

    it('are stopped for one that hangs, and what else they work on begins anew in another', async () => {
      const [hanging, other] = await Promise.all([
        callOpen(satellite, { config: { do: 'hang' }, timeoutMs: 1_000 }),
        callOpen(satellite, slowly),
      ]);
      expect(hanging.replies[0]).toMatchObject({ kind: 'error', error: { code: 'timeout' } });
      expect(objectsOf(other.replies[0])).toEqual([{ input: 'kept' }]);
    });

    it('DAG-16: what must not be repeated is reported as lost then', async () => {
      const [, other] = await Promise.all([
        callOpen(satellite, { config: { do: 'hang' }, timeoutMs: 1_000 }),
        callOpen(satellite, { ...slowly, repeatable: false }),
      ]);
      expect(other.end).toMatchObject({ kind: 'lost', reason: 'crash' });
      expect(other.replies).toEqual([undefined]);
    });
  });
});
