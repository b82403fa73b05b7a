import { defineSatellite, SatelliteFailure } from '@exosphere/satellite';
import type { SatelliteContext } from '@exosphere/satellite';

/** What the contract of satellite runtimes asks of a satellite: one behaviour for each request, named by its config. */
export interface ContractConfig {
  readonly do: keyof typeof behaviours;
  readonly count?: number;
  readonly ms?: number;
}

interface Call {
  readonly count: number;
  readonly ms: number;
  readonly input: unknown;
  readonly item: unknown;
  readonly secrets: Readonly<Record<string, string>>;
  readonly context: SatelliteContext;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const numbers = (count: number): readonly object[] => Array.from({ length: count }, (_, n) => ({ n, key: `k${n}` }));

const behaviours = {
  echo: ({ input, item, secrets }: Call) => [{ input, item, secrets }],
  context: ({ context }: Call) => {
    const { execution, idempotencyKey, attempt, deadline, resume } = context;
    return [{ execution, idempotencyKey, attempt, deadline, resume }];
  },
  list: ({ count }: Call) => numbers(count),
  nothing: () => undefined,
  'no-list': () => ({ n: 1 }) as unknown as object[], // what an author without types may do
  'no-objects': () => [1, 'two'] as unknown as object[], // the same
  slowly: async ({ ms, input }: Call) => {
    await sleep(ms);
    return [{ input }];
  },
  hang: () => new Promise<never>(() => {}),
  spin: () => {
    for (;;);
  },
  fail: () => {
    throw new SatelliteFailure('There is no such thing.', { code: 'no-such-thing', retryable: false });
  },
  'fail-later': () => {
    throw new SatelliteFailure('Slow down.', { code: 'rate-limited', retryAfterMs: 1_500 });
  },
  break: async () => {
    await sleep(1);
    throw new TypeError('undefined is not a function');
  },
  log: ({ context }: Call) => {
    context.log.debug('first');
    context.log.warn('second', { n: 2 });
    return [];
  },
  metrics: ({ context }: Call) => {
    context.metrics({ tokens: 10, model: 'a' });
    context.metrics({ tokens: 12 });
    return [];
  },
  'read-file': async ({ context, input }: Call) => [{ text: await context.files.text(input as { file: string }) }], // the contract's tests give one
  'write-file': async ({ context, input }: Call) => [await context.files.write('out.txt', 'text/plain', String(input))],
  emit: async ({ context, count }: Call) => {
    for (const object of numbers(count)) await context.emit([object]);
    return [{ n: count, key: 'last' }];
  },
  'emit-slowly': async ({ context, count, ms }: Call) => {
    for (const object of numbers(count)) {
      await sleep(ms);
      await context.emit([object]);
    }
    return [];
  },
  'emit-and-hang': async ({ context }: Call) => {
    await context.emit(numbers(2));
    return new Promise<never>(() => {});
  },
};

// eslint-disable-next-line no-restricted-syntax -- a satellite is a default export
export default defineSatellite<ContractConfig>({
  async run({ config, input, item, secrets }, context) {
    return await behaviours[config.do]({ count: config.count ?? 1, ms: config.ms ?? 1, input, item, secrets, context });
  },
  async runBatch(requests) {
    return requests.map(({ input }, index) => {
      if (input === 'lost') return null;
      return input === 'bad'
        ? new SatelliteFailure('Bad one.', { code: 'bad-one', retryable: false })
        : [{ input, index, of: requests.length }];
    });
  },
});
