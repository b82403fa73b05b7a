import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mapChildren } from './ast.ts';
import type { Node } from './ast.ts';
import { compileExpression, evaluate } from './expression.ts';
import { functionNames } from './functions/catalog.ts';

describe('an expression', () => {
  it('is compiled once and evaluated against any scope', () => {
    const expression = compileExpression("inputs.size > 10 && contains(item.name, '.PDF')");
    expect(evaluate(expression, { contexts: { inputs: { size: 11 }, item: { name: 'a.pdf' } } })).toBe(true);
    expect(evaluate(expression, { contexts: { inputs: { size: 10 } } })).toBe(false);
  });

  it('says what it refers to, bare or not', () => {
    const bare = compileExpression('satellites.read.output.name');
    expect(bare.references).toEqual([
      {
        context: 'satellites',
        path: [
          { kind: 'key', name: 'read' },
          { kind: 'key', name: 'output' },
          { kind: 'key', name: 'name' },
        ],
        start: 0,
        bare: true,
      },
    ]);
    const other = compileExpression("first(Satellites['a'].output[0].*)[inputs.n]").references;
    expect(other.map(({ context, path, bare: isBare }) => [context, path.map((segment) => segment.kind).join(' '), isBare])).toEqual([
      ['satellites', 'key key index all', false],
      ['inputs', 'key', false],
    ]);
  });

  it('shows a context used as a whole as a reference with an empty path', () => {
    expect(compileExpression('toJSON(secrets)').references).toEqual([{ context: 'secrets', path: [], start: 7, bare: false }]);
    expect(compileExpression('secrets.*').references[0]?.path).toEqual([{ kind: 'all' }]);
    expect(compileExpression('secrets[inputs.name]').references[0]?.path).toEqual([{ kind: 'dynamic' }]);
  });

  it('EXP-06: shows every way to reach a secret as a reference, so that who compiles can refuse it', () => {
    const paths = (source: string): unknown => compileExpression(source).references.map(({ context, path }) => [context, path]);
    expect(paths('secrets.TOKEN')).toEqual([['secrets', [{ kind: 'key', name: 'TOKEN' }]]]);
    expect(paths("Secrets['TOKEN']")).toEqual(paths('secrets.TOKEN'));
    expect(paths("(secrets)['TOKEN']")).toEqual(paths('secrets.TOKEN'));
    for (const source of ['secrets', 'toJSON(secrets)', 'inputs || secrets', '{a: [secrets]}', 'true ? 1 : SECRETS', 'inputs[secrets]']) {
      expect(paths(source)).toContainEqual(['secrets', []]);
    }
    for (const source of ['secrets.*', 'secrets[*]']) expect(paths(source)).toEqual([['secrets', [{ kind: 'all' }]]]);
    for (const source of ['secrets[inputs.n]', "secrets[format('{0}', 'X')]", 'secrets[null]']) {
      expect(paths(source)).toContainEqual(['secrets', [{ kind: 'dynamic' }]]);
    }
  });

  it('names the steps that its status functions ask about', () => {
    const expression = compileExpression("always() && (failure('a', 'b') || !success())");
    expect(expression.callsStatusFunction).toBe(true);
    expect(expression.functions).toEqual(['always', 'failure', 'success']);
    expect(expression.statusCalls.map(({ name, steps }) => [name, steps])).toEqual([
      ['always', []],
      ['failure', ['a', 'b']],
      ['success', []],
    ]);
  });

  it('places every node of its tree in the text, brackets included', () => {
    const source = "(a.b)['c'] || !f(d ? 1 : [2, {k: a.*}])";
    const options = { contexts: ['a', 'd'], functions: [{ name: 'f', min: 1, max: 1, type: 'any' as const }] };
    const seen: string[] = [];
    const visit = (node: Node): Node => {
      seen.push(`${node.kind} ${source.slice(node.start, node.end)}`);
      return mapChildren(node, visit);
    };
    visit(compileExpression(source, options).ast);
    expect(seen).toEqual([
      `chain ${source}`,
      "index (a.b)['c']",
      'property a.b',
      'name a',
      "literal 'c'",
      'not !f(d ? 1 : [2, {k: a.*}])',
      'call f(d ? 1 : [2, {k: a.*}])',
      'conditional d ? 1 : [2, {k: a.*}]',
      'name d',
      'literal 1',
      'list [2, {k: a.*}]',
      'literal 2',
      'object {k: a.*}',
      'all a.*',
      'name a',
    ]);
  });

  it('may be evaluated by another tree than the one it is described by', () => {
    const rewrite = (node: Node): Node => (node.kind === 'literal' ? { ...node, value: 2 } : mapChildren(node, rewrite));
    const expression = compileExpression('inputs.a + 1', { rewrite });
    expect(evaluate(expression, { contexts: { inputs: { a: 1 } } })).toBe(3);
    expect(expression.ast).toEqual(compileExpression('inputs.a + 1').ast);
  });

  it('asks functions that are handed in, and says what failed in them', () => {
    const functions = [{ name: 'twice', min: 1, max: 1, type: 'number' as const }];
    const twice = compileExpression('twice(inputs.n)', { functions });
    expect(evaluate(twice, { contexts: { inputs: { n: 4 } }, functions: { twice: ([n]) => Number(n) * 2 } })).toBe(8);
    expect(() => evaluate(twice, { contexts: {} })).toThrow(
      expect.objectContaining({ code: 'not-available', message: 'twice() is not available here' }),
    );
    const failing = (): never => {
      throw new RangeError('out of range');
    };
    expect(() => evaluate(twice, { contexts: {}, functions: { twice: failing } })).toThrow(
      expect.objectContaining({
        code: 'function-failed',
        message: 'twice: out of range',
        position: 1,
        cause: expect.any(RangeError) as unknown,
      }),
    );
  });

  it('cannot ask for the status or the time where the scope has none', () => {
    for (const source of ['success()', 'always()', 'now()']) {
      expect(() => evaluate(compileExpression(source), { contexts: {} }), source).toThrow(
        expect.objectContaining({ code: 'not-available' }),
      );
    }
  });

  it('has every function of the language in its documentation', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    expect(functionNames.filter((name) => !readme.includes(`${name}(`))).toEqual([]);
  });

  it('is frozen, down to the leaves of its tree', () => {
    const { ast } = compileExpression('a.b[1] + f(c ? d : [1, {k: 2}])', {
      contexts: ['a', 'c', 'd'],
      functions: [{ name: 'f', min: 1, max: 1, type: 'any' }],
    });
    const unfrozen: unknown[] = [];
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) unfrozen.push(value);
      Object.values(value).forEach(visit);
    };
    visit(ast);
    expect(unfrozen).toEqual([]);
  });
});
