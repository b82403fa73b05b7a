import type { LogRecord, Plan, RunId } from '@exosphere/model';
import type { Clock } from '@exosphere/ports';
import { runRecord } from './run-records.ts';

/** What is done when a run misses its SLA (spec 3.8), as `Ledger.missDeadline` takes it. */
export function slaMiss(
  clock: Clock,
  run: RunId,
  plan: Plan,
): { readonly control: 'overdue' | 'overdue-all' | null; readonly record: LogRecord } {
  const record = (level: 'warn' | 'error', what: string): LogRecord =>
    runRecord(clock, run, {
      level,
      message: `the run missed its SLA of ${plan.sla}: ${what}`,
      fields: { code: 'sla', sla: plan.sla, 'on-sla-miss': plan.onSlaMiss },
    });
  switch (plan.onSlaMiss) {
    case 'continue':
      return { control: null, record: record('warn', 'it goes on, late') };
    case 'fail':
      return { control: 'overdue', record: record('error', 'what has not ended is cancelled, and it fails') };
    case 'cancel':
      return { control: 'overdue-all', record: record('error', 'what has not ended is cancelled') };
  }
}
