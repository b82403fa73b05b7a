import type { StepId } from '@exosphere/model';

const attributes = ['output', 'error', 'status', 'retries', 'metrics', 'started-at', 'ended-at', 'parents'] as const;

/** What can be read of a step: `satellites.NAME.output`. */
export type StepAttribute = (typeof attributes)[number];
export const stepAttributes: readonly StepAttribute[] = attributes;

/** What the templates of one step, or of the cluster, read: filled while they are checked. */
export interface TemplateUses {
  read(step: StepId, as: 'one' | 'whole' | 'list', names: readonly string[]): void;
  grant(secret: string): void;
  /** In the order of `steps`, attributes sorted. */
  reads(steps: readonly StepId[]): readonly StepUse[];
  /** Sorted. */
  grants(): readonly string[];
}

/** One row of a plan's `reads`. */
export interface StepUse {
  readonly step: StepId;
  readonly as: 'one' | 'whole' | 'list';
  readonly attributes: readonly string[];
}

export function createUses(): TemplateUses {
  const reads = new Map<StepId, Map<StepUse['as'], Set<string>>>();
  const grants = new Set<string>();
  return {
    read: (step, as, names) => {
      const kinds = reads.get(step) ?? new Map<StepUse['as'], Set<string>>();
      const known = kinds.get(as) ?? new Set();
      for (const name of names) known.add(name);
      reads.set(step, kinds.set(as, known));
    },
    grant: (secret) => void grants.add(secret),
    reads: (steps) =>
      steps.flatMap((step) => {
        const kinds = reads.get(step) ?? new Map<StepUse['as'], Set<string>>();
        return (['one', 'whole', 'list'] as const).flatMap((as) => {
          const names = kinds.get(as);
          return names === undefined ? [] : [{ step, as, attributes: [...names].sort() }];
        });
      }),
    grants: () => [...grants].sort(),
  };
}
