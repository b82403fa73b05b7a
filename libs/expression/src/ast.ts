import type { Value } from './value.ts';

export type BinaryOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%';
export type ChainOperator = '&&' | '||' | '??';

interface Placed {
  /** 0-based offsets in the expression. */
  readonly start: number;
  readonly end: number;
}

export interface LiteralNode extends Placed {
  readonly kind: 'literal';
  readonly value: Value;
}

/** A context. `name` is spelled as it was declared, whatever its case in the expression. */
export interface NameNode extends Placed {
  readonly kind: 'name';
  readonly name: string;
}

export interface PropertyNode extends Placed {
  readonly kind: 'property';
  readonly target: Node;
  readonly name: string;
}

export interface IndexNode extends Placed {
  readonly kind: 'index';
  readonly target: Node;
  readonly index: Node;
}

/** `x.*` and `x[*]`. */
export interface AllNode extends Placed {
  readonly kind: 'all';
  readonly target: Node;
}

/** A call. `name` is spelled as it was declared. */
export interface CallNode extends Placed {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Node[];
}

export interface NotNode extends Placed {
  readonly kind: 'not';
  readonly operand: Node;
}

/** `&&`, `||` and `??`: a chain of one operator is one node, through parentheses too. */
export interface ChainNode extends Placed {
  readonly kind: 'chain';
  readonly operator: ChainOperator;
  readonly operands: readonly Node[];
}

export interface BinaryNode extends Placed {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Node;
  readonly right: Node;
}

export interface ConditionalNode extends Placed {
  readonly kind: 'conditional';
  readonly test: Node;
  readonly then: Node;
  readonly otherwise: Node;
}

export interface ListNode extends Placed {
  readonly kind: 'list';
  readonly items: readonly Node[];
}

export interface ObjectNode extends Placed {
  readonly kind: 'object';
  readonly entries: readonly { readonly key: string; readonly value: Node }[];
}

export type Node =
  | LiteralNode
  | NameNode
  | PropertyNode
  | IndexNode
  | AllNode
  | CallNode
  | NotNode
  | ChainNode
  | BinaryNode
  | ConditionalNode
  | ListNode
  | ObjectNode;

/** The nodes right below a node, in the order of the text. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'literal':
    case 'name':
      return [];
    case 'property':
    case 'all':
      return [node.target];
    case 'index':
      return [node.target, node.index];
    case 'call':
      return node.args;
    case 'not':
      return [node.operand];
    case 'chain':
      return node.operands;
    case 'binary':
      return [node.left, node.right];
    case 'conditional':
      return [node.test, node.then, node.otherwise];
    case 'list':
      return node.items;
    case 'object':
      return node.entries.map((entry) => entry.value);
  }
}

/** The same node with other children, in the same order. */
export function mapChildren(node: Node, map: (child: Node) => Node): Node {
  switch (node.kind) {
    case 'literal':
    case 'name':
      return node;
    case 'property':
    case 'all':
      return { ...node, target: map(node.target) };
    case 'index':
      return { ...node, target: map(node.target), index: map(node.index) };
    case 'call':
      return { ...node, args: node.args.map(map) };
    case 'not':
      return { ...node, operand: map(node.operand) };
    case 'chain':
      return { ...node, operands: node.operands.map(map) };
    case 'binary':
      return { ...node, left: map(node.left), right: map(node.right) };
    case 'conditional':
      return { ...node, test: map(node.test), then: map(node.then), otherwise: map(node.otherwise) };
    case 'list':
      return { ...node, items: node.items.map(map) };
    case 'object':
      return { ...node, entries: node.entries.map((entry) => ({ ...entry, value: map(entry.value) })) };
  }
}
