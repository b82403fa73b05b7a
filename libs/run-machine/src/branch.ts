import type { Branch, EndedStatus } from '@exosphere/model';

/** How the branch stands below an execution that ended with `status`, where it stood as `before` (rules 15 and 16). */
export function branchBelow(before: Branch, status: EndedStatus): Branch {
  switch (status) {
    case 'completed':
      return before;
    case 'failed':
      return 'failed';
    case 'skipped':
      return before === 'live' ? 'skipped' : before;
    case 'cancelled':
      return before === 'failed' ? 'failed' : 'cancelled';
  }
}
