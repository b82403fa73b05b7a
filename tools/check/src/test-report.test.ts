import { expect, test } from 'vitest';
import { countReport } from './test-report.ts';

const report = { numPassedTests: 4, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1, testResults: [] };

test('passed, failed, and skipped or planned tests are told apart', () => {
  expect(countReport(report)).toEqual({ passed: 4, failed: 1, skipped: 3 });
});

test('a file that cannot be loaded is a failure although it has no test', () => {
  const broken = { name: 'a.test.ts', status: 'failed', assertionResults: [] };
  const red = { name: 'b.test.ts', status: 'failed', assertionResults: [{}] };
  expect(countReport({ ...report, testResults: [broken, red] }).failed).toBe(2);
});
