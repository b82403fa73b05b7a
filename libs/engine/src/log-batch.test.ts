import type { LogLevel, LogRecord } from '@exosphere/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchLimits, cutBatch } from './log-batch.ts';

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

function record(message: string, level: LogLevel = 'info'): LogRecord {
  return { time: '2026-01-01T00:00:00.000Z', level, run: 'r', step: null, execution: null, attempt: null, message, fields: {} };
}

describe('a batch of log records', () => {
  it('has what is of the level or above', () => {
    const records = levels.map((level) => record(level, level));
    expect(levels.map((level) => cutBatch(records, 0, level).records.map((one) => one.message))).toEqual([
      levels,
      levels.slice(1),
      levels.slice(2),
      levels.slice(3),
    ]);
  });

  it('ends behind records that are not for the sink', () => {
    expect(cutBatch([record('a'), record('b', 'debug')], 0, 'info')).toMatchObject({ records: [{ message: 'a' }], end: 2 });
    expect(cutBatch([record('b', 'debug')], 0, 'info')).toEqual({ records: [], end: 1 });
  });

  it('has at most 500 records', () => {
    const records = Array.from({ length: 501 }, (_, i) => record(String(i)));
    expect(cutBatch(records, 0, 'info')).toMatchObject({ end: 500 });
    expect(cutBatch(records, 500, 'info').records).toEqual([record('500')]);
  });

  it('has at most 1 MiB of UTF-8, but for a record that is larger, which goes alone', () => {
    const third = record('ä'.repeat(batchLimits.bytes / 6));
    expect(cutBatch([third, third, third, third], 0, 'info').end).toBe(2);
    const large = record('x'.repeat(2 * batchLimits.bytes));
    expect(cutBatch([large, third], 0, 'info').end).toBe(1);
    expect(cutBatch([third, large], 0, 'info').end).toBe(1);
  });

  it('after batch, has all records that are for the sink, in order', () => {
    const anyRecord = fc.record({ level: fc.constantFrom(...levels), size: fc.integer({ min: 0, max: 400_000 }) });
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 40 }), fc.constantFrom(...levels), (kinds, least) => {
        const records = kinds.map(({ level, size }, i) => record(`${String(i)} ${'x'.repeat(size)}`, level));
        const got: LogRecord[] = [];
        for (let from = 0; from < records.length;) {
          const batch = cutBatch(records, from, least);
          expect(batch.end).toBeGreaterThan(from);
          got.push(...batch.records);
          from = batch.end;
        }
        expect(got).toEqual(records.filter((one) => levels.indexOf(one.level) >= levels.indexOf(least)));
      }),
      { numRuns: 50 },
    );
  });
});
