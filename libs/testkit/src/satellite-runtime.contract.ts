import type { Json, JsonObject, LockedSatellite } from '@exosphere/model';
import type { BlobStore, CallEnd, OpenSatellite, SatelliteLog, SatelliteReply, SatelliteRequest, SatelliteRuntime } from '@exosphere/ports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A runtime that runs the contract's two satellites (`libs/testkit/contract-satellites`). */
export interface RuntimeUnderTest {
  readonly runtime: SatelliteRuntime;
  readonly blobs: BlobStore;
  /** Without a key. */
  readonly plain: LockedSatellite;
  /** With a key, so that it may emit. */
  readonly streaming: LockedSatellite;
  readonly close: () => Promise<void>;
}

/** What a call reported. */
interface Told {
  readonly end: CallEnd;
  readonly replies: ReadonlyMap<number, SatelliteReply>;
  readonly objects: ReadonlyMap<number, readonly JsonObject[]>;
  readonly logs: readonly (SatelliteLog & { readonly index: number })[];
}

interface CallOptions {
  readonly mode?: 'each' | 'batch';
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly onObjects?: () => Promise<void>;
}

const never = new AbortController().signal;

function request(config: JsonObject, input: Json = null, more: Partial<SatelliteRequest> = {}): SatelliteRequest {
  return {
    execution: 'run/step/0',
    idempotencyKey: 'run/step/0',
    attempt: 1,
    deadline: '2030-01-01T00:00:00.000Z',
    resume: null,
    config,
    input,
    item: input,
    secrets: {},
    ...more,
  };
}

async function call(open: OpenSatellite, requests: readonly SatelliteRequest[], options: CallOptions = {}): Promise<Told> {
  const replies = new Map<number, SatelliteReply>();
  const objects = new Map<number, readonly JsonObject[]>();
  const logs: (SatelliteLog & { index: number })[] = [];
  const end = await open.invoke(
    {
      requests,
      mode: options.mode ?? 'each',
      timeoutMs: options.timeoutMs ?? 20_000,
      events: {
        reply(index, reply) {
          expect(replies.has(index), `request ${index} was answered twice`).toBe(false);
          replies.set(index, reply);
        },
        async objects(index, list) {
          expect(replies.has(index), `request ${index} emitted after its answer`).toBe(false);
          objects.set(index, [...(objects.get(index) ?? []), ...list]);
          await options.onObjects?.();
        },
        log: (index, record) => void logs.push({ ...record, index }),
      },
    },
    { signal: options.signal ?? never },
  );
  return { end, replies, objects, logs };
}

/** What every {@link SatelliteRuntime} does. Call it in a test file of the adapter. */
export function satelliteRuntimeContract(name: string, make: () => Promise<RuntimeUnderTest>): void {
  describe(`${name} as a satellite runtime`, () => {
    let under: RuntimeUnderTest;
    const opened: OpenSatellite[] = [];
    beforeAll(async () => {
      under = await make();
    });
    afterAll(async () => {
      for (const open of opened) await open.close();
      await under.close();
    });

    const open = async (which: 'plain' | 'streaming' = 'plain', fresh: 'lease' | 'execution' = 'lease'): Promise<OpenSatellite> => {
      const satellite = await under.runtime.open(under[which], { project: 'p', run: 'r', step: 's', fresh, signal: never });
      opened.push(satellite);
      return satellite;
    };

    it('runs its own kind of satellites', () => {
      expect(under.runtime.runs(under.plain)).toBe(true);
    });

    it('hands input, item and secrets to the satellite, and its objects back', async () => {
      const { end, replies } = await call(await open(), [
        request({ do: 'echo' }, { a: [1, null, 'ü\u2028'] }, { item: { b: true }, secrets: { TOKEN: 's3cret' } }),
      ]);
      expect(end).toEqual({ kind: 'done' });
      expect(replies.get(0)).toEqual({
        kind: 'objects',
        objects: [{ input: { a: [1, null, 'ü\u2028'] }, item: { b: true }, secrets: { TOKEN: 's3cret' } }],
        metrics: null,
      });
    });

    it('keeps keys like __proto__ as ordinary data', async () => {
      const input = JSON.parse('{"__proto__":{"polluted":true},"constructor":1}') as Json;
      const { replies } = await call(await open(), [request({ do: 'echo' }, input)]);
      expect(JSON.stringify(replies.get(0))).toContain('"__proto__":{"polluted":true}');
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    });

    it('tells the satellite who it works for', async () => {
      const resume = { count: 2, lastKey: 'k1' };
      const { replies } = await call(await open(), [
        request({ do: 'context' }, null, { execution: 'r/s/4', idempotencyKey: 'key', attempt: 3, resume }),
      ]);
      expect(replies.get(0)).toMatchObject({
        objects: [{ execution: 'r/s/4', idempotencyKey: 'key', attempt: 3, deadline: '2030-01-01T00:00:00.000Z', resume }],
      });
    });

    it('answers each of many requests', async () => {
      const satellite = await open();
      const requests = Array.from({ length: 300 }, (_, n) => request({ do: 'echo' }, n));
      const { end, replies } = await call(satellite, requests);
      expect(end).toEqual({ kind: 'done' });
      expect([...replies.keys()].sort((a, b) => a - b)).toEqual(requests.map((_, n) => n));
      expect(replies.get(299)).toMatchObject({ objects: [{ input: 299 }] });
    });

    it('gives an empty list for nothing', async () => {
      const { replies } = await call(await open(), [request({ do: 'nothing' })]);
      expect(replies.get(0)).toEqual({ kind: 'objects', objects: [], metrics: null });
    });

    it('hands back a list of 100,000 objects', async () => {
      const { replies } = await call(await open(), [request({ do: 'list', count: 100_000 })]);
      const reply = replies.get(0);
      expect(reply?.kind === 'objects' ? reply.objects.length : reply).toBe(100_000);
      expect(reply).toMatchObject({ objects: { 99_999: { n: 99_999 } } });
    });

    it('refuses what is no list of objects', async () => {
      const { replies } = await call(await open(), [request({ do: 'no-list' }), request({ do: 'no-objects' })]);
      expect(replies.get(0)).toMatchObject({ kind: 'error', error: { code: 'output-invalid', retryable: true } });
      expect(replies.get(1)).toMatchObject({ kind: 'error', error: { code: 'output-invalid', retryable: true } });
    });

    it('gives the error that a satellite chose, and satellite-error for any other', async () => {
      const { end, replies } = await call(await open(), [request({ do: 'fail' }), request({ do: 'fail-later' }), request({ do: 'break' })]);
      expect(end).toEqual({ kind: 'done' });
      const error = (index: number): unknown => {
        const reply = replies.get(index);
        return reply?.kind === 'error' ? reply.error : reply;
      };
      expect(error(0)).toEqual({ message: 'There is no such thing.', code: 'no-such-thing', retryable: false, retryAfterMs: null });
      expect(error(1)).toEqual({ message: 'Slow down.', code: 'rate-limited', retryable: true, retryAfterMs: 1_500 });
      expect(error(2)).toEqual({ message: 'undefined is not a function', code: 'satellite-error', retryable: true, retryAfterMs: null });
    });

    it('gives log records their request, level, fields and time', async () => {
      const { logs } = await call(await open(), [request({ do: 'echo' }), request({ do: 'log' })]);
      expect(logs).toMatchObject([
        { index: 1, level: 'debug', message: 'first', fields: {} },
        { index: 1, level: 'warn', message: 'second', fields: { n: 2 } },
      ]);
      expect(Math.abs(Date.parse(logs[0]?.time ?? '') - Date.now())).toBeLessThan(60_000);
    });

    it('gives the last value of each metric', async () => {
      const { replies } = await call(await open(), [request({ do: 'metrics' })]);
      expect(replies.get(0)).toEqual({ kind: 'objects', objects: [], metrics: { tokens: 12, model: 'a' } });
    });

    it('answers as requests end, not all at the end', async () => {
      const satellite = await open();
      const order: number[] = [];
      const times = [300, 1, 100];
      await satellite.invoke(
        {
          requests: times.map((ms) => request({ do: 'slowly', ms })),
          mode: 'each',
          timeoutMs: 10_000,
          events: { reply: (index) => void order.push(index), objects: async () => {}, log: () => {} },
        },
        { signal: never },
      );
      expect(order).toEqual([1, 2, 0]);
    });

    it('works on several calls at the same time', async () => {
      const satellite = await open();
      const started = performance.now();
      await Promise.all(Array.from({ length: 6 }, () => call(satellite, [request({ do: 'slowly', ms: 500 })])));
      expect(performance.now() - started).toBeLessThan(2_500);
    });

    it('gives a batch to the satellite as one call, where a missing or failed result fails only its item', async () => {
      const requests = ['a', 'bad', 'lost', 'd'].map((input) => request({ do: 'echo' }, input));
      const { replies } = await call(await open(), requests, { mode: 'batch' });
      expect(replies.get(0)).toMatchObject({ objects: [{ input: 'a', index: 0, of: 4 }] });
      expect(replies.get(1)).toMatchObject({ error: { code: 'bad-one', retryable: false } });
      expect(replies.get(2)).toMatchObject({ error: { code: 'satellite-error', retryable: true } });
      expect(replies.get(3)).toMatchObject({ objects: [{ input: 'd', index: 3, of: 4 }] });
    });

    it('reads and writes files of the project', async () => {
      const content = async function* (): AsyncGenerator<Uint8Array> {
        yield Buffer.from('hällo');
      };
      const { digest } = await under.blobs.write('p', content(), { signal: never });
      const { replies } = await call(await open(), [
        request({ do: 'read-file' }, { file: digest }),
        request({ do: 'write-file' }, 'wörld'),
      ]);
      expect(replies.get(0)).toMatchObject({ objects: [{ text: 'hällo' }] });
      const written = replies.get(1);
      const file = written?.kind === 'objects' ? written.objects[0] : null;
      expect(file).toMatchObject({ name: 'out.txt', 'content-type': 'text/plain', size: 6 });
      expect(await under.blobs.has('p', file?.['file'] as string)).toBe(true);
    });

    it('says that a file is missing, and that trying again does not help', async () => {
      const { replies } = await call(await open(), [request({ do: 'read-file' }, { file: `sha256:${'0'.repeat(64)}` })]);
      expect(replies.get(0)).toMatchObject({ kind: 'error', error: { code: 'blob-missing', retryable: false } });
    });

    it('streams what is emitted, in order, and waits until it was taken', async () => {
      let taking = 0;
      const onObjects = async (): Promise<void> => {
        taking += 1;
        expect(taking).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 20));
        taking -= 1;
      };
      const { objects, replies } = await call(await open('streaming'), [request({ do: 'emit', count: 5 })], { onObjects });
      expect(objects.get(0)?.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4]);
      expect(replies.get(0)).toMatchObject({ kind: 'objects', objects: [{ n: 5 }] });
    });

    it('counts the time limit of a stream from its last object', async () => {
      const { end, objects, replies } = await call(await open('streaming'), [request({ do: 'emit-slowly', count: 4, ms: 400 })], {
        timeoutMs: 900,
      });
      expect(end).toEqual({ kind: 'done' });
      expect(objects.get(0)).toHaveLength(4);
      expect(replies.get(0)).toMatchObject({ kind: 'objects' });
    });

    it('keeps what a stream handed on before it was stopped', async () => {
      const { objects, replies } = await call(await open('streaming'), [request({ do: 'emit-and-hang' })], { timeoutMs: 300 });
      expect(objects.get(0)).toHaveLength(2);
      expect(replies.get(0)).toMatchObject({ kind: 'error', error: { code: 'timeout' } });
    });

    it('lets only a satellite with a key emit', async () => {
      const { objects, replies } = await call(await open(), [request({ do: 'emit' })]);
      expect(objects.size).toBe(0);
      expect(replies.get(0)).toMatchObject({ kind: 'error', error: { code: 'output-invalid' } });
    });

    it('stops what waits for ever at the time limit, answers timeout, and keeps what its neighbours had answered', async () => {
      const satellite = await open();
      const started = performance.now();
      const { replies } = await call(satellite, [request({ do: 'echo' }, 1), request({ do: 'hang' }), request({ do: 'slowly', ms: 50 })], {
        timeoutMs: 600,
      });
      expect(performance.now() - started).toBeLessThan(4_000); // a container takes longer to stop than a context
      expect(replies.get(0)).toMatchObject({ kind: 'objects' });
      expect(replies.get(1)).toMatchObject({ kind: 'error', error: { code: 'timeout', retryable: true } });
      expect(replies.get(2)).toMatchObject({ kind: 'objects' });
      expect((await call(satellite, [request({ do: 'echo' }, 2)])).replies.get(0)).toMatchObject({ objects: [{ input: 2 }] });
    });

    it('kills what never gives way, reports the rest as lost, and works on', async () => {
      const satellite = await open();
      const { end, replies } = await call(satellite, [request({ do: 'echo' }, 1), request({ do: 'spin' }), request({ do: 'echo' })], {
        timeoutMs: 600,
      });
      expect(end).toMatchObject({ kind: 'lost', reason: 'timeout' });
      expect(replies.has(1)).toBe(false);
      expect((await call(satellite, [request({ do: 'echo' }, 2)])).replies.get(0)).toMatchObject({ objects: [{ input: 2 }] });
    });

    it('stops a call that is cancelled, also one that never gives way', async () => {
      const satellite = await open();
      for (const behaviour of ['hang', 'spin']) {
        const stop = new AbortController();
        setTimeout(() => stop.abort(), 300);
        const { end } = await call(satellite, [request({ do: behaviour })], { signal: stop.signal });
        expect(end).toMatchObject({ kind: 'lost', reason: 'cancelled' });
      }
    });

    it('does not start a call that is cancelled already', async () => {
      const { end, replies } = await call(await open(), [request({ do: 'echo' })], { signal: AbortSignal.abort() });
      expect(end).toMatchObject({ kind: 'lost', reason: 'cancelled' });
      expect(replies.size).toBe(0);
    });

    it('runs each request apart from the others where that is asked for', async () => {
      const { end, replies } = await call(
        await open('plain', 'execution'),
        [request({ do: 'echo' }, 1), request({ do: 'spin' }), request({ do: 'echo' }, 3)],
        { timeoutMs: 600 },
      );
      // a runtime that knows who was to blame says so
      if (replies.has(1)) expect(replies.get(1)).toMatchObject({ kind: 'error', error: { code: 'timeout', retryable: true } });
      else expect(end).toMatchObject({ kind: 'lost', reason: 'timeout' });
      for (const index of [0, 2]) expect(replies.get(index)).toMatchObject({ kind: 'objects' });
    });

    it('hands on what the worker throws, and stops the satellite', async () => {
      const satellite = await open('streaming');
      const failing = call(satellite, [request({ do: 'emit', count: 3 })], {
        onObjects: () => Promise.reject(new RangeError('the lease is lost')),
      });
      await expect(failing).rejects.toThrow('the lease is lost');
    });

    it('checks config, input and output against the manifest', async () => {
      const satellite = await open();
      expect(satellite.checkConfig({ do: 'echo' })).toBeNull();
      expect(satellite.checkConfig({})).toMatchObject({ at: '', message: expect.stringContaining("'do'") });
      expect(satellite.checkInput('anything')).toBeNull();
      expect(satellite.checkOutput({ n: 'one' })).toMatchObject({ at: '/n' });
      expect(satellite.callSize).toBeGreaterThan(0);
    });

    it('refuses satellites that are not there', async () => {
      const absent = { ...under.plain, digest: `sha256:${'0'.repeat(64)}` };
      const opening = under.runtime.open(absent, { project: 'p', run: 'r', step: 's', fresh: 'lease', signal: never });
      await expect(opening).rejects.toMatchObject({ code: 'satellite-missing', retryable: false });
    });

    it('takes no calls after it was closed', async () => {
      const satellite = await open();
      await satellite.close();
      await expect(call(satellite, [request({ do: 'echo' })])).rejects.toMatchObject({ code: 'runtime-unavailable' });
    });
  });
}
