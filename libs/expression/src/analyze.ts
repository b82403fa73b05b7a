import { childrenOf } from './ast.ts';
import type { CallNode, Node } from './ast.ts';
import type { FunctionSignature, ValueType } from './function-signature.ts';
import { kindOf } from './value.ts';

/** A call of `success`, `failure`, `always` or `cancelled`, with the steps that it names. */
export interface StatusCall {
  readonly name: string;
  readonly steps: readonly string[];
  /** 0-based offset of the call in the expression. */
  readonly start: number;
}

export function callsIn(node: Node): readonly CallNode[] {
  const below = childrenOf(node).flatMap(callsIn);
  return node.kind === 'call' ? [node, ...below] : below;
}

export function statusCallOf(call: CallNode): StatusCall {
  const steps = call.args.map((arg) => (arg.kind === 'literal' && typeof arg.value === 'string' ? arg.value : ''));
  return Object.freeze({ name: call.name, steps: Object.freeze(steps), start: call.start });
}

/** The kind of the result where it is the same in every evaluation. */
export function typeOf(node: Node, functions: ReadonlyMap<string, FunctionSignature>): ValueType {
  const all = (nodes: readonly Node[]): ValueType => sharedType(nodes.map((each) => typeOf(each, functions)));
  switch (node.kind) {
    case 'literal':
      return kindOf(node.value);
    case 'name':
    case 'property':
    case 'index':
      return 'any';
    case 'all':
    case 'list':
      return 'array';
    case 'object':
      return 'object';
    case 'not':
      return 'boolean';
    case 'binary':
      return '+-*/%'.includes(node.operator) ? 'number' : 'boolean';
    case 'chain':
      return all(node.operands);
    case 'conditional':
      return all([node.then, node.otherwise]);
    case 'call':
      return functions.get(node.name.toLowerCase())?.type ?? 'any';
  }
}

function sharedType(types: readonly ValueType[]): ValueType {
  const [first, ...rest] = types;
  return first !== undefined && rest.every((type) => type === first) ? first : 'any';
}
