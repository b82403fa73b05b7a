import { expect, it } from 'vitest';
import { requireVersion } from './server-version.ts';

it('takes PostgreSQL 18 and newer', () => {
  for (const version of [180_000, 180_004, 190_001]) requireVersion({ version, name: 'x' });
});

it('refuses an older server with what it found and what is needed', () => {
  const refusal = expect.objectContaining({
    code: 'database-too-old',
    retryable: false,
    message: expect.stringMatching(/PostgreSQL 15\.18 .*needs 18/),
  });
  expect(() => requireVersion({ version: 150_018, name: '15.18 (Debian)' })).toThrow(refusal);
  expect(() => requireVersion(undefined)).toThrow('unknown version');
});
