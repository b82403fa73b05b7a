/* eslint-disable no-console -- what becomes of it is tested */
import { spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { get } from 'node:http';
import { defineSatellite, SatelliteFailure } from '../../index.ts';
import type { SatelliteContext } from '../../index.ts';

console.log('printed while the module loads');
process.stdout.write('written while the module loads\n');

interface Config {
  readonly do: keyof typeof behaviours;
}

interface Call {
  readonly input: never;
  readonly context: SatelliteContext;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function* halves(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text.slice(0, text.length / 2));
  yield Buffer.from(text.slice(text.length / 2));
}

const behaviours = {
  echo: ({ input }: Call) => [{ input }],
  context: ({ context: { execution, idempotencyKey, attempt, deadline, resume } }: Call) => [
    { execution, idempotencyKey, attempt, deadline, resume },
  ],
  return: ({ input }: { input: string }) =>
    ({ NaN: [{ a: [Number.NaN] }], bigint: [{ a: 1n }], function: [{ a: sleep }], text: 'no list' })[input],
  cycle: () => {
    const object: Record<string, unknown> = {};
    object['self'] = object;
    return [object];
  },
  large: ({ input: { objects, characters } }: { input: { objects: number; characters: number } }) =>
    Array.from({ length: objects }, (_, n) => ({ n, text: 'x'.repeat(characters) })),
  slowly: async ({ input }: { input: { ms: number } }) => {
    await sleep(input.ms);
    return [{ input }];
  },
  hang: () => new Promise<never>(() => {}),
  spin: () => {
    for (;;);
  },
  fail: () => {
    throw new SatelliteFailure('Slow down.', { code: 'http-unavailable', retryAfterMs: 1_500, retryable: false });
  },
  break: async () => {
    await sleep(1);
    throw new TypeError('undefined is not a function');
  },
  log: ({ context }: Call) => {
    context.log.debug('first');
    context.log.warn('second', { n: 2 });
  },
  'log-much': ({ context }: Call) => {
    for (let n = 0; n < 1_005; n += 1) context.log.info(`record ${n}`);
  },
  print: async ({ input }: { input: string }) => {
    console.log('%s has', input, { a: 1 });
    await sleep(5);
    console.error('and later', input);
    process.stdout.write('straight to stdout\n');
    writeSync(1, 'straight to descriptor 1\n');
    spawnSync('echo', ['of a program'], { stdio: 'inherit' });
  },
  reject: async () => {
    void Promise.reject(new RangeError('nobody waits for this'));
    await sleep(20);
  },
  metrics: ({ context }: Call) => {
    context.metrics({ tokens: 10, model: 'a' });
    context.metrics({ tokens: 12, ['__proto__']: 1 });
  },
  'read-file': async ({ context, input }: { context: SatelliteContext; input: { file: string } }) => {
    const [text, bytes] = [await context.files.text(input), await context.files.bytes(input)];
    let streamed = 0;
    for await (const chunk of context.files.read(input)) streamed += chunk.byteLength;
    return [{ text, size: bytes.byteLength, streamed }];
  },
  'write-files': async ({ context, input }: { context: SatelliteContext; input: string }) =>
    Promise.all([
      context.files.write('text.txt', 'text/plain', input),
      context.files.write('bytes.bin', 'application/octet-stream', new TextEncoder().encode(input)),
      context.files.write('iterable.txt', 'text/plain', halves(input)),
      context.files.write('stream.txt', 'text/plain', new Blob([input]).stream()),
    ]),
  'break-upload': async ({ context }: Call) => {
    const content = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half of');
      throw new RangeError('the source broke');
    };
    await context.files.write('half.txt', 'text/plain', content());
  },
  emit: async ({ context }: Call) => {
    for (const n of [0, 1, 2]) await context.emit([{ n }]);
    return [{ n: 3 }];
  },
  'emit-and-leave': ({ context }: Call) => {
    void context.emit([{ n: 0 }]);
    void context.emit([{ n: 1 }]);
    return [{ n: 2 }];
  },
  'wait-for-stop': ({ context: { signal } }: Call) =>
    new Promise<object[]>((resolve) => {
      signal.addEventListener('abort', () => resolve([{ reason: (signal.reason as Error).name }]));
    }),
  fetch: async ({ input, context }: { input: string; context: SatelliteContext }) => {
    const response = await fetch(new Request(input, { method: 'POST', body: 'sent', signal: context.signal }));
    return [{ status: response.status, text: await response.text() }];
  },
  'http-get': async ({ input }: { input: string }) => {
    const text = await new Promise<string>((resolve, reject) => {
      get(input, (response) => {
        response.setEncoding('utf8').on('data', resolve);
      }).on('error', reject);
    });
    return [{ text }];
  },
  environment: () => [Object.fromEntries(Object.entries(process.env).filter(([name]) => /proxy/i.test(name)))],
  endpoint: ({ context }: Call) => [{ s3: context.endpoint('s3', 'http://else'), other: context.endpoint('other', 'http://else/') }],
};

export const satellite = defineSatellite<Config>({
  async run({ config, input }, context) {
    return (await behaviours[config.do]({ input: input as never, context })) as object[]; // each test gives what its behaviour takes
  },
  async runBatch(requests, contexts) {
    return requests.map(({ input }, index) => {
      contexts[index]?.log.info(`item ${index}`);
      contexts[index]?.metrics({ index });
      if (input === 'lost') return null;
      return input === 'bad'
        ? new SatelliteFailure('Bad one.', { code: 'config-invalid', retryable: false })
        : [{ input, of: requests.length }];
    });
  },
});
