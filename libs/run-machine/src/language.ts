import type { CompileOptions, Node } from '@exosphere/expression';
import { mapChildren } from '@exosphere/expression';

/** The attribute that `satellites.X.output.error` is compiled to: X's error, else the field `error` of its object (rule 27). */
export const outputErrorAttribute = 'output-error';

/** How every expression of a plan is compiled to be run. */
export const languageOptions: CompileOptions = {
  rewrite: readOutputError,
};

/** `satellites.X.output.error` reads the attribute that knows of X's error. */
function readOutputError(node: Node): Node {
  if (
    keyOf(node) === 'error' &&
    'target' in node &&
    keyOf(node.target) === 'output' &&
    'target' in node.target &&
    isStep(node.target.target)
  ) {
    const { start, end } = node;
    return { kind: 'property', target: node.target.target, name: outputErrorAttribute, start, end };
  }
  return mapChildren(node, readOutputError);
}

function isStep(node: Node): boolean {
  return keyOf(node) !== null && 'target' in node && node.target.kind === 'name' && node.target.name === 'satellites';
}

/** The key, in lower case, that a node accesses on its target; null: none that is known. */
function keyOf(node: Node): string | null {
  if (node.kind === 'property') return node.name.toLowerCase();
  if (node.kind !== 'index' || node.index.kind !== 'literal' || typeof node.index.value !== 'string') return null;
  return node.index.value.toLowerCase();
}
