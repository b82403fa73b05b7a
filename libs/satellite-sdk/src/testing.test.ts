import { describe, expect, it } from 'vitest';
import { createTestFiles, testSatellite } from './testing.ts';
import { defineSatellite, SatelliteFailure } from './index.ts';

const greet = defineSatellite<{ greeting: string }, { name: string }>({
  run({ config, input }, { log, metrics }) {
    log.info('greeting', { name: input.name });
    metrics({ letters: input.name.length });
    return [{ text: `${config.greeting}, ${input.name}!`, at: new Date(0), nothing: undefined }];
  },
});

describe('a satellite under test', () => {
  it('gives its objects as JSON, with logs and metrics beside them', async () => {
    const result = await testSatellite(greet, { config: { greeting: 'Hello' }, input: { name: 'Ada' } });
    expect(result).toMatchObject({
      objects: [{ text: 'Hello, Ada!', at: '1970-01-01T00:00:00.000Z' }],
      error: null,
      logs: [{ level: 'info', message: 'greeting', fields: { name: 'Ada' } }],
      metrics: { letters: 3 },
    });
    expect(result.objects[0]).not.toHaveProperty('nothing');
  });

  it('reads the item where the step has no input', async () => {
    const echo = defineSatellite({ run: ({ input }) => [{ input }] });
    expect((await testSatellite(echo, { item: { a: 1 } })).objects).toEqual([{ input: { a: 1 } }]);
  });

  it('fails with the code that it chose', async () => {
    const failing = defineSatellite({
      run: () => {
        throw new SatelliteFailure('Slow down.', { code: 'rate-limited', retryAfterMs: 500 });
      },
    });
    expect((await testSatellite(failing)).error).toEqual({
      message: 'Slow down.',
      code: 'rate-limited',
      retryable: true,
      retryAfterMs: 500,
    });
  });

  it('fails with satellite-error, retryable, for anything else that it throws', async () => {
    const failing = defineSatellite({ run: () => Promise.reject(new TypeError('x is not a function')) });
    expect((await testSatellite(failing)).error).toMatchObject({
      message: 'x is not a function',
      code: 'satellite-error',
      retryable: true,
    });
  });

  it('must return a list of objects', async () => {
    const wrong = defineSatellite({ run: () => ['text'] as unknown as object[] });
    expect((await testSatellite(wrong)).error).toMatchObject({ code: 'output-invalid' });
  });

  it('streams, held back by who takes the objects', async () => {
    const order: string[] = [];
    const streaming = defineSatellite({
      async run(_, { emit }) {
        await emit([{ n: 1 }]);
        order.push('emitted');
        return [{ n: 2 }];
      },
    });
    const onEmit = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push('taken');
    };
    expect((await testSatellite(streaming, { onEmit })).objects).toEqual([{ n: 1 }, { n: 2 }]);
    expect(order).toEqual(['taken', 'emitted']);
  });

  it('is stopped at its time limit, and its signal aborts', async () => {
    let aborted = false;
    const hanging = defineSatellite({
      run: (_, { signal }) => new Promise(() => signal.addEventListener('abort', () => (aborted = true))),
    });
    expect((await testSatellite(hanging, { timeoutMs: 20 })).error).toMatchObject({ code: 'timeout', retryable: true });
    expect(aborted).toBe(true);
  });

  it('reads and writes files by digest', async () => {
    const files = createTestFiles();
    const file = await files.write('a.txt', 'text/plain', 'hello');
    const upper = defineSatellite<object, typeof file>({
      async run({ input }, context) {
        return [await context.files.write('b.txt', 'text/plain', (await context.files.text(input)).toUpperCase())];
      },
    });
    const { objects } = await testSatellite(upper, { input: file, files });
    expect(file.file).toBe('sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824');
    expect(await files.text(objects[0] as unknown as typeof file)).toBe('HELLO');
  });
});
