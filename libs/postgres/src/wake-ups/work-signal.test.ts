import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Connections } from '../database/pools.ts';
import { workSignal } from './work-signal.ts';

function countingConnections(answer: () => Promise<readonly never[]>): { connections: Connections; sent: () => number } {
  let sent = 0;
  const refuse = (): Promise<never> => Promise.reject(new TypeError('not asked for'));
  const query = (): Promise<readonly never[]> => {
    sent += 1;
    return answer();
  };
  return { connections: { query, transaction: refuse, run: refuse, close: refuse }, sent: () => sent };
}

it('tells others at once, and of all that follows within 5 ms once more', async () => {
  const { connections, sent } = countingConnections(() => Promise.resolve([]));
  const signal = workSignal(connections, () => undefined);
  for (let i = 0; i < 100; i += 1) signal.raise();
  expect(sent()).toBe(1);
  await sleep(30);
  expect(sent()).toBe(2);
  signal.raise();
  expect(sent()).toBe(3);
  signal.raise();
  signal.close();
  await sleep(30);
  expect(sent()).toBe(3);
});

it('warns where others cannot be told: they poll', async () => {
  const warnings: string[] = [];
  const { connections } = countingConnections(() => Promise.reject(new TypeError('gone')));
  workSignal(connections, ({ message }) => warnings.push(message)).raise();
  await sleep(1);
  expect(warnings).toHaveLength(1);
});
