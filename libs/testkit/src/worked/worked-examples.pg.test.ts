import { connectLedger } from '@exosphere/postgres';
import type { PostgresLedger } from '@exosphere/postgres';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { TestDatabase } from '../test-database.ts';
import { createTestDatabase } from '../test-database.ts';
import { workedExamples } from '../worked-examples.ts';
import { ledgerStage } from './ledger-stage.ts';
import { playedAsStated } from './played-as-stated.ts';

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
  for (const example of workedExamples()) {
    it(example.name, () => playedAsStated(ledgerStage(ledger, { seed, workers }), example));
  }
});
