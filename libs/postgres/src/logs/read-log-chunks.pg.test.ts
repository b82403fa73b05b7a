import type { RunId } from '@exosphere/model';
import { newId, sampleRun } from '@exosphere/testkit/ledger-samples';
import { expect, it } from 'vitest';
import { openTestLedger } from '../testing/open-test-ledger.ts';

it('log records have the order of their transactions where the numbers of these get longer', async () => {
  const under = await openTestLedger();
  const run = newId<RunId>();
  await under.ledger.createRun(sampleRun(run));
  for (const number of ['9', '10', '99', '100'])
    await under.client.query(
      `insert into exosphere.log_chunk (run, written_by, part, count, records) values ($1, $2::xid8, 1, 1, $3)`,
      [run, number, JSON.stringify([{ message: number }])], // prettier-ignore
    );
  const seen: string[] = [];
  for (let after: Parameters<typeof under.ledger.readLogChunks>[1] = null; ;) {
    const { chunks } = await under.ledger.readLogChunks(run, after, 1);
    const [chunk] = chunks;
    if (chunk === undefined) break;
    seen.push(...chunk.records.map((record) => record.message));
    after = chunk.cursor;
  }
  expect(seen).toEqual(['9', '10', '99', '100']);
  expect((await under.ledger.readLogChunks(run, null, 9)).chunks.flatMap((chunk) => chunk.records.map((record) => record.message))).toEqual(
    seen,
  );
  await under.close();
});
