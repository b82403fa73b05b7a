import { childrenOf } from './ast.ts';
import type { Node } from './ast.ts';

/** One access on a context: what is known of it without data. */
export type PathSegment =
  /** `.name` or `['name']`. */
  | { readonly kind: 'key'; readonly name: string }
  /** `[0]`. */
  | { readonly kind: 'index'; readonly value: number }
  /** `.*` or `[*]`. */
  | { readonly kind: 'all' }
  /** `[…]` with anything that is computed. */
  | { readonly kind: 'dynamic' };

/** One use of a context, with what is accessed on it. */
export interface Reference {
  /** The name as it was declared, whatever its case in the expression. */
  readonly context: string;
  /** Empty where the context itself is used: `toJSON(secrets)`. */
  readonly path: readonly PathSegment[];
  /** 0-based offset of the context's name in the expression. */
  readonly start: number;
  /** The expression is nothing but this context and a chain of keys: `satellites.x.output`. */
  readonly bare: boolean;
}

/** Every use of a context in the tree, in the order of the text, branches that never run included. */
export function referencesIn(root: Node): readonly Reference[] {
  const found: Reference[] = [];
  const visit = (node: Node, path: readonly PathSegment[]): void => {
    switch (node.kind) {
      case 'name': {
        const bare = path.every((segment) => segment.kind === 'key') && isChain(root);
        found.push(Object.freeze({ context: node.name, path: Object.freeze(path), start: node.start, bare }));
        return;
      }
      case 'property':
        return visit(node.target, [Object.freeze({ kind: 'key', name: node.name }), ...path]);
      case 'all':
        return visit(node.target, [Object.freeze({ kind: 'all' }), ...path]);
      case 'index':
        visit(node.target, [segmentOf(node.index), ...path]);
        return visit(node.index, []);
      default:
        for (const child of childrenOf(node)) visit(child, []);
    }
  };
  visit(root, []);
  return Object.freeze(found);
}

function segmentOf(index: Node): PathSegment {
  if (index.kind !== 'literal') return Object.freeze({ kind: 'dynamic' });
  if (typeof index.value === 'string') return Object.freeze({ kind: 'key', name: index.value });
  if (typeof index.value === 'number') return Object.freeze({ kind: 'index', value: index.value });
  return Object.freeze({ kind: 'dynamic' });
}

/** True for a context with accesses behind it, and nothing around them. */
function isChain(node: Node): boolean {
  let at = node;
  while (at.kind === 'property' || at.kind === 'index' || at.kind === 'all') at = at.target;
  return at.kind === 'name';
}
