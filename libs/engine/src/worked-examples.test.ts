import { memoryStage, playedAsStated } from '@exosphere/testkit/worked';
import { workedExamples } from '@exosphere/testkit/worked-examples';
import { describe, it } from 'vitest';

const badQueue = { lose: 0.3, double: 0.3, delay: 0.3, reorder: 0.5 };

describe.each([
  { name: 'one worker', workers: 1, seed: 1, faults: {} },
  { name: 'three workers', workers: 3, seed: 2, faults: {} },
  { name: 'two workers, with a slow ledger', workers: 2, seed: 3, faults: {}, latencyMs: 20 },
  { name: 'three workers, with a queue that loses, doubles, delays and reorders', workers: 3, seed: 4, faults: badQueue, latencyMs: 5 },
])('the worked examples under simulation: $name', (options) => {
  for (const example of workedExamples()) {
    it(example.name, { timeout: 30_000 }, async () => {
      const stage = memoryStage(options);
      try {
        await playedAsStated(stage, example);
      } finally {
        await stage.close();
      }
    });
  }
});
