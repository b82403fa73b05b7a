import { describe, expect, it } from 'vitest';
import type { RunTotals } from './run-outcome.ts';
import { runOutcome } from './run-outcome.ts';

const well: RunTotals = {
  control: 'go',
  sla: { sla: '6h', onSlaMiss: 'continue' },
  failed: 0,
  chainFailed: 0,
  unaccounted: 0,
  endedWell: 3,
  missed: 0,
};
const failLate = { sla: '6h', onSlaMiss: 'fail' } as const;
const cancelLate = { sla: '6h', onSlaMiss: 'cancel' } as const;

describe('a run that has ended', () => {
  it.each<[string, Partial<RunTotals>, string, string | null]>([
    ['without a failure is completed', {}, 'completed', null],
    ['of which no branch ended at all (an empty list) is completed', { endedWell: 0 }, 'completed', null],
    ['with a failure beside a branch that ended well is partial', { failed: 1 }, 'partial', '1 execution failed'],
    ['with failures says how many', { failed: 2 }, 'partial', '2 executions failed'],
    ['of which no branch ended well failed', { failed: 1, endedWell: 0 }, 'failed', 'something failed and no branch ended well'],
    ['with a failed item that nothing accounts for failed', { failed: 2, unaccounted: 1 }, 'failed', '1 failed item had no handler'],
    ['with a failed failure step failed', { failed: 1, chainFailed: 2, unaccounted: 1 }, 'failed', '2 failure steps failed'],
    [
      'with more failures than are tolerated failed',
      { control: 'stopping', failed: 3 },
      'failed',
      `more items failed than 'tolerate' allows`,
    ],
    ['of which a collect missed items is partial', { missed: 1 }, 'partial', 'a collect missed 1 item'],
    ['says what failed before what a collect missed', { failed: 1, missed: 1 }, 'partial', '1 execution failed'],
    ['that was paused is judged by what came of it', { control: 'paused', failed: 1 }, 'partial', '1 execution failed'],
    ['that was cancelled is cancelled, also where nothing failed', { control: 'cancelling' }, 'cancelled', 'it was cancelled'],
    ['that was cancelled is cancelled, whatever failed', { control: 'cancelling-all', unaccounted: 1 }, 'cancelled', 'it was cancelled'],
    ['that missed its SLA fails with `fail`', { control: 'overdue', sla: failLate }, 'failed', 'it missed its SLA of 6h'],
    ['fails also when its chain was stopped', { control: 'overdue-all', sla: failLate }, 'failed', 'it missed its SLA of 6h'],
    ['that missed its SLA is cancelled with `cancel`', { control: 'overdue-all', sla: cancelLate }, 'cancelled', 'it missed its SLA of 6h'],
  ])('%s', (_, totals, status, reason) => {
    expect(runOutcome({ ...well, ...totals })).toEqual({ status, reason });
  });
});
