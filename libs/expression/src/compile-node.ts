import { getAll, getIndex, getProperty } from './access.ts';
import type { BinaryOperator, CallNode, ChainNode, IndexNode, Node, PropertyNode } from './ast.ts';
import { looseEqual, order } from './compare.ts';
import { isTruthy, toNumber } from './convert.ts';
import { ExpressionError } from './expression-error.ts';
import { spendList, spendReading } from './frame.ts';
import type { Frame, Run } from './frame.ts';
import type { FunctionCatalog } from './functions/catalog.ts';
import { objectOf } from './object-value.ts';
import { admit, isPrimitive } from './value.ts';
import type { Value } from './value.ts';

/** Compiles a tree to closures: what can be decided before any data is there is decided once. */
export function compileNode(node: Node, catalog: FunctionCatalog): Run {
  const compile = (each: Node): Run => compileNode(each, catalog);
  switch (node.kind) {
    case 'literal':
      return constant(node.value);
    case 'name':
      return readContext(node.name);
    case 'property':
      return compileProperty(node, compile);
    case 'index':
      return readIndex(node, compile);
    case 'all': {
      const target = compile(node.target);
      return (frame) => getAll(target(frame), frame);
    }
    case 'call':
      return placed(node, catalog.get(node.name.toLowerCase())?.bind(node.args.map(compile)) ?? constant(null));
    case 'not': {
      const operand = compile(node.operand);
      return (frame) => !isTruthy(operand(frame));
    }
    case 'chain':
      return compileChain(node, node.operands.map(compile));
    case 'binary':
      return compileBinary(node.operator, compile(node.left), compile(node.right));
    case 'conditional': {
      const [test, then, otherwise] = [compile(node.test), compile(node.then), compile(node.otherwise)];
      return (frame) => (isTruthy(test(frame)) ? then(frame) : otherwise(frame));
    }
    case 'list':
      return makeList(node.items.map(compile));
    case 'object':
      return makeObject(node.entries.map((entry) => [entry.key, compile(entry.value)]));
  }
}

function constant(value: Value): Run {
  return () => value;
}

function readContext(name: string): Run {
  return (frame) => {
    const { contexts } = frame.scope;
    return Object.hasOwn(contexts, name) ? admit(contexts[name]) : null;
  };
}

/** A chain of properties is one loop: most of what templates do is to follow `satellites.x.output.y`. */
function compileProperty(node: PropertyNode, compile: (node: Node) => Run): Run {
  const names = [node.name];
  let start = node.target;
  for (; start.kind === 'property'; start = start.target) names.unshift(start.name);
  const target = compile(start);
  return (frame) => {
    let value = target(frame);
    for (const name of names) value = getProperty(value, name, frame);
    return value;
  };
}

/** GitHub does not evaluate the index where there is nothing to access. */
function readIndex(node: IndexNode, compile: (node: Node) => Run): Run {
  const [target, index] = [compile(node.target), compile(node.index)];
  return (frame) => {
    const value = target(frame);
    return isPrimitive(value) ? null : getIndex(value, index(frame), frame);
  };
}

/** Adds the place of the call to an error that a function throws. */
function placed(node: CallNode, run: Run): Run {
  return (frame) => {
    try {
      return run(frame);
    } catch (error) {
      if (!(error instanceof ExpressionError) || error.offset !== undefined) throw error;
      const { phase, code, message, cause } = error;
      throw new ExpressionError({ phase, code, message, cause, token: node.name, offset: node.start });
    }
  };
}

function compileChain(node: ChainNode, operands: readonly Run[]): Run {
  const stops = stopOf(node.operator);
  return (frame) => {
    let value: Value = null;
    for (const operand of operands) {
      value = operand(frame);
      if (stops(value)) return value;
    }
    return value;
  };
}

function stopOf(operator: ChainNode['operator']): (value: Value) => boolean {
  switch (operator) {
    case '&&':
      return (value) => !isTruthy(value);
    case '||':
      return isTruthy;
    case '??':
      return (value) => value !== null;
  }
}

type Compute = (left: Value, right: Value) => Value;

const COMPUTE: Readonly<Record<BinaryOperator, Compute>> = {
  '==': looseEqual,
  '!=': (left, right) => !looseEqual(left, right),
  '<': (left, right) => order(left, right) < 0,
  '>': (left, right) => order(left, right) > 0,
  '<=': (left, right) => order(left, right) < 0 || looseEqual(left, right),
  '>=': (left, right) => order(left, right) > 0 || looseEqual(left, right),
  '+': (left, right) => toNumber(left) + toNumber(right),
  '-': (left, right) => toNumber(left) - toNumber(right),
  '*': (left, right) => toNumber(left) * toNumber(right),
  '/': (left, right) => toNumber(left) / toNumber(right),
  '%': (left, right) => toNumber(left) % toNumber(right),
};

function compileBinary(operator: BinaryOperator, left: Run, right: Run): Run {
  const compute = COMPUTE[operator];
  return (frame) => {
    const [l, r] = [left(frame), right(frame)];
    if (typeof l === 'string' || typeof r === 'string') spendComparison(l, r, frame);
    return compute(l, r);
  };
}

function spendComparison(left: Value, right: Value, frame: Frame): void {
  if (typeof left === 'string') spendReading(frame, left.length);
  if (typeof right === 'string') spendReading(frame, right.length);
}

function makeList(items: readonly Run[]): Run {
  return (frame) => {
    spendList(frame, items.length);
    return items.map((item) => item(frame));
  };
}

function makeObject(entries: readonly (readonly [string, Run])[]): Run {
  return (frame) => {
    spendList(frame, 2 * entries.length);
    return objectOf(entries.map(([key, value]) => [key, value(frame)] as const));
  };
}
