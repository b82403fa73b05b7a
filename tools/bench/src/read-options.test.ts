import { expect, it } from 'vitest';
import { readOptions } from './read-options.ts';

it('measures everything five times, beside the peers, unless told otherwise', () => {
  expect(readOptions([])).toMatchObject({
    workloads: ['W1', 'W2', 'W4', 'W5', 'W7', 'W8'],
    rounds: 5,
    withPeers: true,
    asJson: false,
    writes: false,
  });
});

it('takes workloads in any case and order', () => {
  expect(readOptions(['--workload', 'w2, W1', '--quick', '--json', '--no-peers'])).toMatchObject({
    ...{ workloads: ['W1', 'W2'], rounds: 3, isQuick: true, asJson: true, withPeers: false },
  });
});

it.each([
  [['--workload', 'W99'], "no workload 'W99'"],
  [['--contender', 'sidekiq'], "no contender 'sidekiq'"],
  [['--repeats', '0'], "found '0'"],
  [['--fast'], '--fast'],
])('refuses %j', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
