import { describe, expect, it } from 'vitest';
import type { LogRecord } from './new-relic-log.ts';
import { isAtLeast, newRelicLog } from './new-relic-log.ts';
import { payloads } from './payloads.ts';

const record: LogRecord = { time: '2025-01-31T10:00:00.000Z', level: 'info', message: 'done' };

function read(body: string): { common: object; logs: { message: string }[] } {
  const [batch, ...more] = JSON.parse(body);
  expect(more).toEqual([]);
  return batch;
}

describe('a log of New Relic', () => {
  it('has the time in ms, and where it comes from as attributes', () => {
    const source = { run: 'r', step: 'parse', execution: 'r/parse/0', attempt: 2, fields: { pages: 3, ok: true, list: [1], none: null } };
    expect(newRelicLog({ ...record, ...source })).toEqual({
      timestamp: Date.UTC(2025, 0, 31, 10),
      message: 'done',
      attributes: {
        level: 'info',
        run: 'r',
        step: 'parse',
        execution: 'r/parse/0',
        attempt: 2,
        'fields.pages': 3,
        'fields.ok': true,
        'fields.list': '[1]',
      },
    });
  });

  it('marks a value that New Relic would cut', () => {
    const { attributes } = newRelicLog({ ...record, fields: { long: 'x'.repeat(5000) } });
    expect(attributes['fields.long']).toHaveLength(4094);
    expect(attributes['fields.long']).toMatch(/…$/);
  });

  it.each([
    ['debug', 'info', false],
    ['info', 'info', true],
    ['error', 'warn', true],
    ['warn', 'debug', true],
  ] as const)('of level %s is at least %s: %s', (level, least, wanted) => {
    expect(isAtLeast({ ...record, level }, least)).toBe(wanted);
  });
});

describe('payloads', () => {
  it('carry what is common to all logs once', () => {
    const [payload] = payloads([newRelicLog(record), newRelicLog(record)], { 'service.name': 'x' });
    expect(payload?.count).toBe(2);
    expect(read(payload?.body ?? '')).toMatchObject({
      common: { attributes: { 'service.name': 'x' } },
      logs: [{ message: 'done' }, { message: 'done' }],
    });
  });

  it('stay below 1 MB each, counted in bytes, and lose nothing', () => {
    const logs = Array.from({ length: 300 }, (_, index) => newRelicLog({ ...record, message: `${index} ${'ü'.repeat(5000)}` }));
    const packed = payloads(logs, {});
    expect(packed.length).toBeGreaterThan(3);
    expect(Math.max(...packed.map(({ body }) => Buffer.byteLength(body)))).toBeLessThan(1_000_000);
    expect(packed.flatMap(({ body }) => read(body).logs.map(({ message }) => Number.parseInt(message)))).toEqual(
      logs.map((_, index) => index),
    );
  });

  it('say how much of a message that is too long is missing', () => {
    const [payload] = payloads([newRelicLog({ ...record, message: 'x'.repeat(700_000) })], {});
    expect(read(payload?.body ?? '').logs[0]?.message).toMatch(/x… \(200000 more bytes\)$/);
  });

  it('are none without logs', () => {
    expect(payloads([], {})).toEqual([]);
  });
});
