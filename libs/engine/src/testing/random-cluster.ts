import type { JsonObject } from '@exosphere/model';
import fc from 'fast-check';

/** What a step of a random cluster is drawn from. */
interface StepDraw {
  readonly uses: 'echo' | 'fail' | 'split' | 'empty';
  readonly failAt: number;
  readonly needs: readonly number[];
  readonly collect: 'no' | 'run' | 'src';
  readonly bears: JsonObject;
  readonly condition: string | null;
  readonly onSkip: 'end' | 'pass';
  readonly continues: boolean;
  readonly retries: number;
}

const conditions = ['item.n != 2', 'always()', 'failure()', '!failure()', 'success() && item.n > 1', 'item.n'] as const;

const step: fc.Arbitrary<StepDraw> = fc.record({
  uses: fc.constantFrom('echo', 'echo', 'fail', 'split', 'empty'),
  failAt: fc.integer({ min: 0, max: 4 }),
  needs: fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 3 }),
  collect: fc.constantFrom('no', 'no', 'no', 'run', 'src'),
  bears: fc.constantFrom<JsonObject>({}, { when: 'all-finished' }, { min: '60%' }, { min: 1 }),
  condition: fc.option(fc.constantFrom(...conditions), { freq: 3 }),
  onSkip: fc.constantFrom('end', 'end', 'pass'),
  continues: fc.boolean(),
  retries: fc.integer({ min: 0, max: 1 }),
});

const items = fc.array(
  fc.record({ n: fc.integer({ min: 0, max: 4 }), parts: fc.array(fc.record({ n: fc.integer({ min: 0, max: 4 }) }), { maxLength: 3 }) }),
  { maxLength: 4 },
);

/** A cluster of a list, up to seven steps that fan out, join, collect, skip and fail, and perhaps a failure chain. */
export const randomCluster: fc.Arbitrary<JsonObject> = fc
  .record({
    items,
    steps: fc.array(step, { minLength: 1, maxLength: 7 }),
    failure: fc.constantFrom('none', 'item', 'run'),
    chainFails: fc.boolean(),
  })
  .map(({ items: listed, steps, failure, chainFails }) => ({
    version: '0.0.1b',
    cluster: {
      identifier: 'test/random',
      sla: '6h',
      trigger: { 'api-call': {} },
      satellites: [{ identifier: 'src', uses: 'test/list', config: { items: listed } }, ...steps.map(stepOf)],
      ...(failure === 'none' ? {} : { failure: { per: failure, satellites: chainOf(chainFails) } }),
    },
  }));

function stepOf(draw: StepDraw, index: number): JsonObject {
  const before = ['src', ...Array.from({ length: index }, (_, i) => `s${String(i)}`)];
  const needs = [...new Set(draw.needs.map((need) => before[need % before.length] ?? 'src'))];
  return {
    identifier: `s${String(index)}`,
    uses: `test/${draw.uses}`,
    needs,
    ...(draw.uses === 'fail' ? { config: { when: `\${{ item.n == ${String(draw.failAt)} }}` }, retries: draw.retries } : {}),
    ...(draw.collect === 'no' ? {} : { collect: { per: draw.collect, ...draw.bears } }),
    ...(draw.condition === null ? {} : { if: draw.condition, 'on-skip': draw.onSkip }),
    ...(draw.continues && draw.uses === 'fail' ? { 'continue-on-error': true } : {}),
  };
}

function chainOf(fails: boolean): readonly JsonObject[] {
  const alert = { identifier: 'alert', uses: 'test/echo' };
  return fails
    ? [
        { identifier: 'move', uses: 'test/fail', retries: 0, config: { when: '${{ failure.item.n == 3 }}' } },
        { ...alert, if: 'always()' },
      ]
    : [alert];
}
