import { createTestDatabase } from '@exosphere/testkit';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { boolArray, int4Array, int8Array, textArray, timeArray, uuidArray } from './binary-array.ts';

let client: pg.Client;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await createTestDatabase();
  drop = database.drop;
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await drop();
});

/** What PostgreSQL makes of the array, as JSON. */
async function asRead(type: string, value: Buffer): Promise<unknown> {
  const { rows } = await client.query<{ list: string | null }>(`select coalesce(array_to_json($1::${type}[]), '[]')::text as list`, [
    value,
  ]);
  return JSON.parse(rows[0]?.list ?? 'null');
}

/** PostgreSQL's text has no NUL, and ours is JSON, which escapes it; lone surrogates are escaped as well. */
const text = fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', '0').toWellFormed());

it('arrays arrive as they are', async () => {
  const int4 = fc.integer({ min: -2_147_483_648, max: 2_147_483_647 });
  const columns = fc.record({
    texts: fc.array(fc.option(text)),
    ints: fc.array(fc.option(int4)),
    longs: fc.array(fc.option(fc.maxSafeInteger())),
    flags: fc.array(fc.option(fc.boolean())),
    ids: fc.array(fc.uuid()),
  });
  await fc.assert(
    fc.asyncProperty(columns, async ({ texts, ints, longs, flags, ids }) => {
      expect(await asRead('text', textArray(texts))).toEqual(texts);
      expect(await asRead('int4', int4Array(ints))).toEqual(ints);
      expect(await asRead('int8', int8Array(longs))).toEqual(longs);
      expect(await asRead('bool', boolArray(flags))).toEqual(flags);
      expect(await asRead('uuid', uuidArray([...ids, ...ids]))).toEqual([...ids, ...ids]);
    }),
    { numRuns: 100 },
  );
});

it('times arrive to the millisecond', async () => {
  const times = [0, 1, 946_684_800_000, 946_684_799_999, 1_795_449_600_123, 253_402_300_799_999, null];
  const read = (await asRead('timestamptz', timeArray(times))) as (string | null)[];
  expect(read.map((time) => (time === null ? null : Date.parse(time)))).toEqual(times);
});

it('says so where an id is no uuid', () => {
  expect(() => uuidArray(['x'])).toThrow("'x' is no uuid");
});
