import { describe, expect, it } from 'vitest';
import { createCallProgress } from './request-progress.ts';

describe('the progress of a call', () => {
  it('is due when the first open request is over its limit', () => {
    const progress = createCallProgress(3, 100, 0);
    expect([progress.open(), progress.nextDue()]).toEqual([3, 100]);
    progress.end(0);
    progress.touch(1, 50);
    expect([progress.open(), progress.nextDue(), progress.due(100), progress.due(150)]).toEqual([2, 100, [2], [1, 2]]);
  });

  it('does not count the time in which a request waits for the worker', () => {
    const progress = createCallProgress(1, 100, 0);
    progress.hold(0);
    expect([progress.nextDue(), progress.due(1_000), progress.isOpen(0)]).toEqual([null, [], true]);
    progress.touch(0, 500);
    expect(progress.nextDue()).toBe(600);
  });

  it('does not count the time in which a request waits to be started', () => {
    const progress = createCallProgress(3, 100, 0);
    progress.waiting(0, 10);
    expect([progress.nextDue(), progress.unstarted()]).toEqual([100, [1, 2]]);
    progress.end(0);
    progress.waiting(1, 300);
    expect([progress.nextDue(), progress.unstarted()]).toEqual([400, [2]]);
    progress.waiting(3, 350);
    expect([progress.due(400), progress.unstarted(), progress.openOnes()]).toEqual([[1], [], [1, 2]]);
  });

  it('ends each request once', () => {
    const progress = createCallProgress(2, 100, 0);
    progress.end(0);
    progress.end(0);
    progress.touch(0, 5);
    progress.hold(0);
    expect([progress.open(), progress.isOpen(0), progress.isOpen(1)]).toEqual([1, false, true]);
  });
});
