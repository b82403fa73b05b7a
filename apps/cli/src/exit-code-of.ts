import type { ExitCode } from './exit-code.ts';
import { exitCodes } from './exit-code.ts';
import type { ShownStatus } from './progress/run-report.ts';

/** What `exo` ends with when it leaves a run in this status. */
export function exitCodeOf(status: ShownStatus): ExitCode {
  switch (status) {
    case 'completed':
      return exitCodes.ok;
    case 'partial':
    case 'failed':
    case 'cancelled':
      return exitCodes[status];
    case 'pending':
    case 'running':
    case 'queued':
    case 'paused':
    case 'interrupted':
      return exitCodes.interrupted;
  }
}
