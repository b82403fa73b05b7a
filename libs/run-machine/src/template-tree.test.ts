import { describe, expect, it } from 'vitest';
import type { TemplateNode } from '@exosphere/model';
import { compileTree, resolveTree } from './template-tree.ts';

function resolve(node: TemplateNode, item: unknown): unknown {
  const scope = { contexts: { item: item as string } };
  return resolveTree(compileTree(node), { whole: scope, one: scope }, 'input-invalid');
}

const text = (source: string, asText = false): TemplateNode => ({ kind: 'text', source, asText });

describe('EXP-05 a value that looks like code', () => {
  for (const value of ['"; rm -rf / #', '$(id)', '`id`', 'a\nb\r\n', '\0', '${{ secrets.X }}', "'; drop table run; --", '$${{ item }}']) {
    it(`arrives as it is: ${JSON.stringify(value)}`, () => {
      expect(resolve(text('${{ item }}'), value)).toBe(value);
      expect(resolve(text('<${{ item }}>'), value)).toBe(`<${value}>`);
    });
  }
});

describe('a tree of templates', () => {
  it('drops a key for a null that a placeholder gives, unless the schema keeps it', () => {
    const entry = (key: string, keepNull: boolean): { key: string; value: TemplateNode; keepNull: boolean } => ({
      key,
      value: text('${{ item.none }}'),
      keepNull,
    });
    expect(resolve({ kind: 'map', entries: [entry('dropped', false), entry('kept', true)] }, {})).toEqual({ kept: null });
  });

  it('splices a list that one placeholder gives, one level deep', () => {
    const list: TemplateNode = { kind: 'list', items: [text('${{ item }}'), { kind: 'list', items: [text('${{ item }}')] }] };
    expect(resolve(list, [1, [2]])).toEqual([1, [2], [1, [2]]]);
  });

  it('merges mappings in order, and refuses a key that comes twice', () => {
    const merge = (...parts: TemplateNode[]): TemplateNode => ({ kind: 'merge', parts });
    const literal = (value: { readonly [key: string]: number }): TemplateNode => ({ kind: 'literal', value });
    expect(resolve(merge(literal({ a: 1 }), text('${{ item }}')), { b: 2 })).toEqual({ a: 1, b: 2 });
    expect(() => resolve(merge(literal({ a: 1 }), text('${{ item }}')), { a: 2 })).toThrow("key 'a' is given twice");
  });

  it('makes a text of a number where the schema wants one', () => {
    expect(resolve(text('${{ item }}', true), 1.5)).toBe('1.5');
    expect(resolve(text('${{ item }}', false), 1.5)).toBe(1.5);
  });

  it('keeps a key named __proto__ as data', () => {
    const node: TemplateNode = { kind: 'map', entries: [{ key: '__proto__', value: text('${{ item }}'), keepNull: false }] };
    const resolved = resolve(node, 'x') as object;
    expect(Object.keys(resolved)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(resolved)).toBe(Object.prototype);
  });
});
