import type { CompiledTemplate, Reference } from '@exosphere/expression';
import type { CompiledTree } from './template-tree.ts';

/**
 * The steps whose `output` some template uses in another way than as the whole of one scalar. Only where a step is not among them can a
 * list that is too large for a value be given as a file (spec 3.3).
 */
export function stepsUsedInParts(trees: readonly CompiledTree[], conditions: readonly (readonly Reference[])[]): ReadonlySet<string> {
  const inParts = new Set<string>();
  for (const tree of trees) visit(tree, inParts);
  for (const reference of conditions.flat()) addIfOutput(reference, inParts);
  return inParts;
}

function visit(tree: CompiledTree, inParts: Set<string>): void {
  switch (tree.kind) {
    case 'literal':
      return;
    case 'text':
      return visitTemplate(tree.template, tree.isSingle, inParts);
    case 'list':
      for (const item of tree.items) visit(item, inParts);
      return;
    case 'map':
      for (const entry of tree.entries) visit(entry.value, inParts);
      return;
    case 'merge':
      for (const part of tree.parts) visit(part, inParts);
  }
}

function visitTemplate(template: CompiledTemplate, isSingle: boolean, inParts: Set<string>): void {
  for (const { expression } of template.placeholders) {
    for (const reference of expression.references) {
      const isWhole = isSingle && reference.bare && reference.path.length === 2;
      if (!isWhole) addIfOutput(reference, inParts);
    }
  }
}

function addIfOutput(reference: Reference, inParts: Set<string>): void {
  const [step, attribute] = reference.path;
  if (reference.context !== 'satellites' || step?.kind !== 'key') return;
  if (attribute?.kind === 'key' && attribute.name.toLowerCase() !== 'output') return;
  inParts.add(step.name.toLowerCase());
}

/** The steps, in lower case, that some template reads. */
export function stepsRead(trees: readonly CompiledTree[]): ReadonlySet<string> {
  const read = new Set<string>();
  const look = (tree: CompiledTree): void => {
    if (tree.kind === 'list') return tree.items.forEach(look);
    if (tree.kind === 'map') return tree.entries.forEach((entry) => look(entry.value));
    if (tree.kind === 'merge') return tree.parts.forEach(look);
    if (tree.kind === 'literal') return;
    for (const { context, path } of tree.template.placeholders.flatMap((placeholder) => placeholder.expression.references)) {
      if (context === 'satellites' && path[0]?.kind === 'key') read.add(path[0].name.toLowerCase());
    }
  };
  trees.forEach(look);
  return read;
}
