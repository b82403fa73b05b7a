import type { StepId } from '@exosphere/model';
import type { SourceFile } from '../read/source-file.ts';
import type { SourceScalar } from '../read/source-node.ts';
import type { Sight } from './sight.ts';
import type { TemplateUses } from './uses.ts';

/** A context of the expression language. */
export type ContextName = 'satellites' | 'secrets' | 'vars' | 'inputs' | 'cluster' | 'trigger' | 'item' | 'execution' | 'failure';

/** What the cluster declares and has: the same for all of its templates. */
export interface Declared {
  readonly inputs: readonly string[];
  readonly vars: readonly string[];
  readonly secrets: readonly string[];
  /** Steps of all sections. */
  readonly steps: readonly StepId[];
  /** The name of a step as the file spells it, without regard to case. */
  findStep(name: string): StepId | undefined;
}

/** Who reads a template: what it may name, and what it sees. */
export interface Viewer {
  /** In words, at the beginning of a sentence: `Step 'a'`. */
  readonly name: string;
  readonly file: SourceFile;
  readonly declared: Declared;
  readonly contexts: ReadonlySet<ContextName>;
  /** `success()` and its like may be called. */
  readonly statusFunctions: boolean;
  /** `secrets.NAME` may stand here. */
  readonly secrets: boolean;
  /** For `failure.*`. */
  readonly failure: 'none' | 'item' | 'run';
  see(step: StepId): Sight;
  /** Needs or scopes are wrong: names are checked, and nothing that depends on the graph (rule 30). */
  readonly namesOnly: boolean;
  readonly uses: TemplateUses;
}

/** A scalar that is checked. */
export interface Target {
  readonly node: SourceScalar;
  readonly at: string;
}

export const itemContexts: readonly ContextName[] = ['satellites', 'item', 'execution', 'failure'];
export const runContexts: readonly ContextName[] = ['inputs', 'vars', 'cluster', 'trigger'];
