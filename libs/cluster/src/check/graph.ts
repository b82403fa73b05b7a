import type { StepId } from '@exosphere/model';
import { InternalError } from '@exosphere/model';
import type { NamedStep } from './named-steps.ts';

/** What a step collects per: null for no collect, `run`, or an ancestor. */
export type Scope = { readonly kind: 'run' } | { readonly kind: 'step'; readonly step: StepId } | null;

/** A step with its place in the graph. */
export interface Linked extends NamedStep {
  /** Number in its section, in file order. */
  readonly index: number;
  /** Without those that another need implies, in file order. */
  readonly needs: readonly StepId[];
  readonly scope: Scope;
  /** Rule 3: the steps whose objects one execution stands for, outermost first. */
  readonly path: readonly StepId[];
  /** Whether the trigger's item is above the path. */
  readonly rooted: boolean;
  /** Something is wrong with its needs or its collect, or with those of an ancestor (rule 30). */
  readonly broken: boolean;
}

/** The steps of one section with their edges. */
export interface Graph {
  /** In file order. */
  readonly steps: readonly Linked[];
  /** Each step after those that it needs. */
  readonly order: readonly Linked[];
  /** By name, without regard to case. */
  find(name: string): Linked | undefined;
  /** Whether `above` comes before `below`, over any number of edges. */
  isAncestor(above: StepId, below: StepId): boolean;
}

/** Looks steps up by name, without regard to case. */
export function finder<Step extends NamedStep>(steps: readonly Step[]): (name: string) => Step | undefined {
  const byName = new Map<string, Step>();
  for (const step of steps) {
    const name = step.identifier.toLowerCase();
    if (!byName.has(name)) byName.set(name, step);
  }
  return (name) => byName.get(name.toLowerCase());
}

/** Which steps come before which, as a table of bits. `order` lists each step after all of its needs. */
export function ancestry(
  count: number,
  order: readonly number[],
  needs: readonly (readonly number[])[],
): (above: number, below: number) => boolean {
  const above = Array.from({ length: count }, () => new Uint8Array(count));
  for (const step of order) {
    const row = rowOf(above, step);
    for (const need of needs[step] ?? []) {
      row[need] = 1;
      rowOf(above, need).forEach((bit, index) => {
        if (bit === 1) row[index] = 1;
      });
    }
  }
  return (ancestor, step) => above[step]?.[ancestor] === 1;
}

function rowOf(table: readonly Uint8Array[], step: number): Uint8Array {
  const row = table[step];
  if (row === undefined) throw new InternalError(`there is no step number ${step}`);
  return row;
}
