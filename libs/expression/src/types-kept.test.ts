import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileTemplate, evaluateTemplate } from './compile-template.ts';
import { compileExpression, evaluate } from './expression.ts';
import { foldText } from './fold-case.ts';
import type { Scope } from './scope.ts';
import { toPlain } from './to-plain.ts';
import { toCompactJson, toText } from './to-text.ts';
import type { Value } from './value.ts';

const json = fc.jsonValue({ maxDepth: 5 }) as fc.Arbitrary<Value>;
const scopeOf = (inputs: Value): Scope => ({ contexts: { inputs } });
const fill = (text: string, inputs: Value): Value =>
  evaluateTemplate(compileTemplate(text), { whole: scopeOf(inputs), one: scopeOf(inputs) });

/** Keys that differ in case alone are one key to fromJSON, as to GitHub. */
function hasTwins(value: Value): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value);
  return new Set(keys.map(foldText)).size < keys.length || Object.values(value).some(hasTwins);
}

describe('types', () => {
  it('EXP-10: a placeholder alone hands on the very value, with its type', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(fill('${{ inputs }}', value)).toBe(value);
        expect(toPlain(fill('${{ inputs }}', value))).toBe(value);
        expect(fill('$<< inputs[0] >>', [value])).toBe(value);
      }),
    );
  });

  it('EXP-10: JSON goes through fromJSON and compact JSON without loss, -0 excepted, which JSON writes as 0', () => {
    fc.assert(
      fc.property(json, (value) => {
        fc.pre(!hasTwins(value));
        const text = JSON.stringify(value);
        const read = evaluate(compileExpression('fromJSON(inputs)'), scopeOf(text));
        expect(toCompactJson(read)).toBe(text);
        expect(JSON.stringify(toPlain(read))).toBe(text);
      }),
    );
  });

  it('EXP-10: compact JSON of plain data is what JSON.stringify writes', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(toCompactJson(value)).toBe(JSON.stringify(value));
      }),
    );
  });

  it('EXP-10: integers beyond 2^53 are the nearest double, as in JSON everywhere', () => {
    expect(evaluate(compileExpression('9007199254740993'), scopeOf(null))).toBe(9007199254740992);
    expect(evaluate(compileExpression("fromJSON('9007199254740993')"), scopeOf(null))).toBe(9007199254740992);
    expect(fill('${{ inputs }}.', 2 ** 53)).toBe('9.00719925474099E+15.');
  });

  it('EXP-10: -0 stays a number and reads as 0; NaN and Infinity are refused as data and read as text', () => {
    expect(fill('${{ inputs }}', -0)).toBe(-0);
    expect(fill('${{ inputs }}.', -0)).toBe('0.');
    for (const source of ['0 / 0', '1 / 0', '[NaN]', '{a: {b: -Infinity}}']) {
      const value = evaluate(compileExpression(source), scopeOf(null));
      expect(() => toPlain(value), source).toThrow(expect.objectContaining({ code: 'not-json' }));
    }
    expect(fill('${{ 0 / 0 }} ${{ 1 / 0 }}', null)).toBe('NaN Infinity');
  });

  it('EXP-10: dates, bytes, sets and other objects of a class become the plain data that they hold', () => {
    const odd = { date: new Date(0), bytes: new Uint8Array([1, 2]), set: new Set([1]), nothing: undefined } as unknown as Value;
    expect(toPlain(odd)).toEqual({ date: {}, bytes: { 0: 1, 1: 2 }, set: {}, nothing: null });
    expect(toText(odd)).toBe('{"date":{},"bytes":{"0":1,"1":2},"set":{},"nothing":null}');
  });

  it('EXP-10: data that contains itself is refused, data that shares a part is not', () => {
    const self: { me?: Value } = {};
    self.me = self;
    expect(() => toPlain(self as Value)).toThrow(expect.objectContaining({ code: 'too-nested' }));
    const shared = Array.from({ length: 60 }).reduce<Value>((inner) => [inner, inner], 'x');
    expect(toPlain(shared)).toBe(shared);
  });

  it('EXP-10: an output of 10 MB passes through at no cost, and is refused where it would be made again and again', () => {
    const large = { text: 'x'.repeat(10_000_000) };
    expect(fill('${{ inputs }}', large)).toBe(large);
    expect(() => fill('${{ inputs }}${{ inputs }}', large)).toThrow(expect.objectContaining({ code: 'too-much-memory' }));
  });

  it('keeps the order of keys in what the language makes, in the JSON of it too', () => {
    const value = evaluate(compileExpression("{b: 1, '2': 2, '1': fromJSON('{\"z\":1,\"0\":2}')}"), scopeOf(null));
    expect(toCompactJson(value)).toBe('{"b":1,"2":2,"1":{"z":1,"0":2}}');
    expect(toPlain(value)).toEqual({ b: 1, 2: 2, 1: { z: 1, 0: 2 } });
  });
});
