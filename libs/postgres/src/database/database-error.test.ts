import { ExosphereError } from '@exosphere/model';
import { describe, expect, it } from 'vitest';
import { sqlState, toDatabaseError } from './database-error.ts';

const pgError = (code: string): Error => Object.assign(new Error('so it is'), { code });

describe('what a failure of PostgreSQL means', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'])('%s: it cannot be reached, and what was sent may have happened', (code) => {
    expect(sqlState(pgError(code))).toBeNull();
    expect(toDatabaseError(pgError(code), true)).toMatchObject({ code: 'database-unavailable', retryable: true, outcomeUnknown: true });
    expect(toDatabaseError(pgError(code), false)).toMatchObject({ outcomeUnknown: false });
  });

  it.each(['08006', '57P01', '57P02', '58030'])('%s in a commit: nobody knows', (code) => {
    expect(toDatabaseError(pgError(code), true)).toMatchObject({ code: 'database-unavailable', outcomeUnknown: true });
  });

  it.each(['40001', '40P01', '53100', '53300', '55P03', '57014', '25006', '25P03'])(
    '%s: nothing happened, and it may be tried again',
    (code) => {
      expect(toDatabaseError(pgError(code), true)).toMatchObject({ code: 'database-unavailable', retryable: true, outcomeUnknown: false });
    },
  );

  it.each(['42601', '23505', '22P02', 'EXO09'])('%s: a fault of ours', (code) => {
    expect(toDatabaseError(pgError(code), true)).toMatchObject({ code: 'internal', retryable: false });
  });

  it('leaves errors of ours as they are', () => {
    const error = new ExosphereError('run-changed', 'so');
    expect(toDatabaseError(error, true)).toBe(error);
  });
});
