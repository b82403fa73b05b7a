import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan, PlanStep } from '@exosphere/model';
import { readCluster } from './index.ts';
import { catalog } from './testing/catalog.ts';

const satellites = ['test/list', 'test/echo', 'test/split', 'test/empty'];

/** Mostly a step before this one, at times any step or none at all: circles and nonsense must occur, and so must files without. */
const nameFor = (index: number, count: number): fc.Arbitrary<string> => {
  const anywhere = fc.integer({ min: 0, max: count }).map((number) => `s${number}`);
  return index === 0
    ? anywhere
    : fc.oneof(
        { weight: 60, arbitrary: fc.integer({ min: 0, max: index - 1 }).map((number) => `s${number}`) },
        { weight: 1, arbitrary: anywhere },
      );
};

const step = (index: number, count: number): fc.Arbitrary<object> => {
  const name = nameFor(index, count);
  const sometimes = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 8 });
  return fc.record({
    identifier: fc.constant(`s${index}`),
    uses: fc.constantFrom(...satellites),
    needs: index === 0 ? fc.constant(undefined) : fc.option(fc.array(name, { maxLength: 3 }), { nil: undefined }),
    collect: index === 0 ? fc.constant(undefined) : sometimes(fc.oneof(fc.constant('run'), name)),
    if: sometimes(fc.constantFrom('success()', 'always()', 'item.n == 1')),
    input: fc.oneof(
      { weight: 5, arbitrary: fc.constant({ parts: [] }) },
      { weight: 1, arbitrary: name.map((of) => ({ parts: `\${{ satellites.${of}.output }}` })) },
      { weight: 1, arbitrary: name.map((of) => ({ parts: `$\${{ satellites.${of}.output.parts }}` })) },
    ),
  });
};

const cluster = fc.integer({ min: 1, max: 6 }).chain((count) =>
  fc.tuple(...Array.from({ length: count }, (_, index) => step(index, count))).map((steps) => ({
    version: '0.0.1b',
    cluster: { identifier: 'test/random', sla: '6h', trigger: 'api-call', satellites: steps },
  })),
);

function readOf(file: object): ReturnType<typeof readCluster> {
  return readCluster(JSON.stringify(file), { file: null, catalog });
}

function ancestorsOf(step: PlanStep, plan: Plan): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...step.needs];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(plan.steps.find(({ identifier }) => identifier === name)?.needs ?? []));
  }
  return seen;
}

describe('YML-09 of a file that is accepted', () => {
  const property = (name: string, holds: (plan: Plan) => void): void => {
    test(name, () => {
      let accepted = 0;
      fc.assert(
        fc.property(cluster, (file) => {
          const { plan, diagnostics } = readOf(file);
          expect(plan === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
          if (plan === null) return;
          accepted += 1;
          holds(plan);
        }),
        { numRuns: 300 },
      );
      expect(accepted).toBeGreaterThan(20);
      expect(accepted).toBeLessThan(290);
    });
  };

  property('no step comes before itself', (plan) => {
    for (const step of plan.steps) expect(ancestorsOf(step, plan).has(step.identifier)).toBe(false);
  });

  property('a path holds ancestors only, and is the path of its last step with that step', (plan) => {
    for (const step of plan.steps) {
      const above = ancestorsOf(step, plan);
      for (const name of step.path) expect(above.has(name)).toBe(true);
      const last = plan.steps.find(({ identifier }) => identifier === step.path.at(-1));
      if (last !== undefined) expect(step.path).toEqual([...last.path, last.identifier]);
    }
  });

  property('no need implies another', (plan) => {
    for (const step of plan.steps) {
      for (const need of step.needs) {
        const others = step.needs
          .filter((other) => other !== need)
          .map((other) => plan.steps.find(({ identifier }) => identifier === other));
        for (const other of others) if (other !== undefined) expect(ancestorsOf(other, plan).has(need)).toBe(false);
      }
    }
  });

  property('a step reads its ancestors only, and as one what stands on its path or ran once', (plan) => {
    for (const step of plan.steps) {
      const above = ancestorsOf(step, plan);
      for (const { step: name, as } of step.reads) {
        expect(above.has(name)).toBe(true);
        const read = plan.steps.find(({ identifier }) => identifier === name);
        if (as === 'one') expect(step.path.includes(name) || read?.satellite.cardinality === 'one').toBe(true);
      }
    }
  });

  property('a scope is on the path, and the path ends with it', (plan) => {
    for (const { collect, path, rooted } of plan.steps) {
      if (collect?.per.kind === 'step') expect(path.at(-1)).toBe(collect.per.step);
      if (collect?.per.kind === 'run') expect([path, rooted]).toEqual([[], false]);
    }
  });
});

test('YML-09 a thousand steps in a row are read, one more is refused', () => {
  const row = (count: number): object => ({
    version: '0.0.1b',
    cluster: {
      identifier: 'test/long',
      sla: '6h',
      trigger: 'api-call',
      satellites: Array.from({ length: count }, (_, index) => ({ identifier: `s${index}`, uses: 'test/echo' })),
    },
  });
  expect(readOf(row(1_000)).plan?.steps.at(-1)?.path).toHaveLength(999);
  expect(readOf(row(1_001)).diagnostics.map(({ code }) => code)).toEqual(['too-many-steps']);
});
