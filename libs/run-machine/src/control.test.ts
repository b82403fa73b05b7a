import { testPlan } from '@exosphere/testkit/test-catalog';
import { describe, expect, it } from 'vitest';
import type { RunControl } from './control.ts';
import { isCancelling, isEnding, isOverdue, isStoppingAll, saysCancelled, strongerControl, survives } from './control.ts';
import { buildGraph, stepAt } from './graph.ts';

const graph = buildGraph(
  testPlan({
    satellites: [
      { identifier: 'work', uses: 'test/echo' },
      { identifier: 'clean', uses: 'test/echo', needs: ['work'], if: 'always()' },
      { identifier: 'report', uses: 'test/echo', needs: ['work'], if: 'failure()' },
    ],
    failure: { satellites: [{ identifier: 'alert', uses: 'test/echo' }] },
  }),
);
const stepOf = (identifier: string): ReturnType<typeof stepAt> => stepAt(graph, graph.numberOf.get(identifier) ?? -1);

const questions = { isEnding, isCancelling, isOverdue, isStoppingAll, saysCancelled };

describe('what is asked of a run', () => {
  it.each<[RunControl, readonly (keyof typeof questions)[], readonly string[]]>([
    ['go', [], ['work', 'clean', 'report', 'alert']],
    ['paused', [], ['work', 'clean', 'report', 'alert']],
    ['stopping', ['isEnding'], ['clean', 'alert']],
    ['overdue', ['isEnding', 'isCancelling', 'isOverdue'], ['alert']],
    ['cancelling', ['isEnding', 'isCancelling', 'saysCancelled'], ['clean']],
    ['overdue-all', ['isEnding', 'isCancelling', 'isOverdue', 'isStoppingAll', 'saysCancelled'], []],
    ['cancelling-all', ['isEnding', 'isCancelling', 'isStoppingAll', 'saysCancelled'], []],
  ])('%s: %j, and these may still start: %j', (control, answers, starting) => {
    expect(Object.entries(questions).flatMap(([name, ask]) => (ask(control) ? [name] : []))).toEqual(answers);
    expect(['work', 'clean', 'report', 'alert'].filter((identifier) => survives(stepOf(identifier), control))).toEqual(starting);
  });

  const rising: readonly RunControl[] = ['go', 'stopping', 'overdue', 'cancelling', 'overdue-all', 'cancelling-all'];

  it('only ever becomes more within a round, in whatever order it is heard', () => {
    for (const [i, weak] of rising.entries()) {
      for (const strong of rising.slice(i)) {
        expect(strongerControl(weak, strong)).toBe(strong);
        expect(strongerControl(strong, weak)).toBe(strong);
      }
    }
  });

  it('may be a pause, and the end of one, as long as nothing ends the run', () => {
    expect([strongerControl('paused', 'go'), strongerControl('go', 'paused')]).toEqual(['paused', 'go']);
    expect(strongerControl('paused', 'stopping')).toBe('stopping');
  });
});
