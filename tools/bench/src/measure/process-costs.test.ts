import { expect, it } from 'vitest';
import { costsOfTree } from './process-costs.ts';

it.skipIf(process.platform !== 'linux')('tells what this process has cost', async () => {
  const costs = await costsOfTree(process.pid);
  expect(costs?.cpuMs).toBeGreaterThan(0);
  expect(costs?.peakBytes).toBeGreaterThan(10 * 2 ** 20);
});
