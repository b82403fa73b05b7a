import { connectLedger } from '@exosphere/postgres';
import type { PostgresLedger } from '@exosphere/postgres';
import type { TestDatabase } from '@exosphere/testkit';
import { createTestDatabase } from '@exosphere/testkit';
import { ledgerStage, needsSubClusters, playedAsStated } from '@exosphere/testkit/worked';
import { workedExamples } from '@exosphere/testkit/worked-examples';
import { afterAll, beforeAll, describe, it } from 'vitest';

describe.each([
  { workers: 1, seed: 1 },
  { workers: 3, seed: 2 },
])('the worked examples, by $workers workers on PostgreSQL', ({ workers, seed }) => {
  let database: TestDatabase;
  let ledger: PostgresLedger;
  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await connectLedger({ connectionString: database.url });
  });
  afterAll(async () => {
    await ledger.close();
    await database.drop();
  });
  for (const example of workedExamples().filter((one) => !needsSubClusters(one))) {
    it(example.name, () => playedAsStated(ledgerStage(ledger, { seed, workers }), example));
  }
});
