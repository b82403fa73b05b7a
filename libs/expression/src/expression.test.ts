import { describe, expect, it } from 'vitest';
import { compileExpression, evaluate } from './expression.ts';

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
