import { expect, test } from 'vitest';
import { diagnoseFailure } from './diagnose-failure.ts';
import cases from './testdata/server-failures.json' with { type: 'json' };

test.for(cases)('$output', ({ code, retryable, output }) => {
  const error = diagnoseFailure({ doing: 'start', dataDirectory: '/d', exitCode: 1, output });
  expect(error).toMatchObject({ name: 'EmbeddedDatabaseError', code, retryable, log: output });
  expect(error.message).toMatch(/^[^.]*[^.\s]\S*\. [A-Z]/);
  expect(error.message.endsWith(output.replaceAll(/^/gm, '  | '))).toBe(true);
});

test('a server that was killed from outside may be started again', () => {
  expect(diagnoseFailure({ doing: 'start', dataDirectory: '/d', exitCode: null, output: '' })).toMatchObject({
    code: 'embedded-start-failed',
    retryable: true,
    message:
      'The embedded database in /d did not start (it was killed). The log says why. Or set DATABASE_URL to a PostgreSQL 15 or newer of your own.',
  });
});

test('of a long log, the last lines are shown', () => {
  const output = Array.from({ length: 100 }, (_, n) => `line ${n}`).join('\n');
  const { log } = diagnoseFailure({ doing: 'create', dataDirectory: '/d', exitCode: 1, output });
  expect(log.split('\n')).toHaveLength(12);
  expect(log).toMatch(/^line 88\n[^]*line 99$/);
});
