import { ledgerStage, playedAsStated } from '@exosphere/testkit/worked';
import { workedExamples } from '@exosphere/testkit/worked-examples';
import { createTestDatabase } from '@exosphere/testkit';
import { connectLedger } from '@exosphere/postgres';
import { describe, it } from 'vitest';

describe('the worked examples, through the engine on PostgreSQL', () => {
  for (const example of workedExamples()) {
    it(example.name, async () => {
      const database = await createTestDatabase();
      const ledger = await connectLedger({ connectionString: database.url });
      try {
        await playedAsStated(ledgerStage(ledger, { seed: 1, workers: 1 }), example);
      } finally {
        await ledger.close();
        await database.drop();
      }
    });
  }
});
