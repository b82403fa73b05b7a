import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import hostile from '../testdata/hostile.json' with { type: 'json' };
import { compileTemplate, evaluateTemplate } from './compile-template.ts';
import { ExpressionError } from './expression-error.ts';
import { compileExpression, evaluate } from './expression.ts';
import type { Scope } from './scope.ts';
import { cpuMilliseconds } from './testing/cpu-time.ts';
import { toPlain } from './to-plain.ts';
import { toText } from './to-text.ts';
import type { Value } from './value.ts';

const scope: Scope = {
  contexts: { inputs: { text: 'x', list: [1, { a: 2 }], map: new Map([['k', 1]]), object: { a: 1 } }, vars: {} },
  now: '2026-01-31T09:30:00Z',
};

/** Everything that could be reached from a value, own and inherited keys, as what it is. */
function holdsOnlyData(value: unknown): boolean {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return true;
  if (Array.isArray(value)) return value.every(holdsOnlyData);
  if (value instanceof Map) return [...value.values()].every(holdsOnlyData);
  return typeof value === 'object' && Object.values(value).every(holdsOnlyData);
}

function snapshotOfPrototypes(): unknown {
  const of = (prototype: object): unknown =>
    Object.entries(Object.getOwnPropertyDescriptors(prototype)).map(([key, each]) => [key, each.value]);
  return [Object.prototype, Array.prototype, Map.prototype, String.prototype, Function.prototype].map(of);
}

describe('hostile expressions', () => {
  it('EXP-01: each of a table of escapes is refused or gives plain data', () => {
    const before = Object.keys(globalThis);
    for (const source of hostile) {
      try {
        expect(holdsOnlyData(evaluate(compileExpression(source), scope)), source).toBe(true);
      } catch (error) {
        expect(error, source).toBeInstanceOf(ExpressionError);
      }
    }
    expect(hostile.length).toBeGreaterThan(60);
    expect(Object.keys(globalThis)).toEqual(before);
    expect('exosphereCanary' in globalThis).toBe(false);
    expect(existsSync('exosphere-canary')).toBe(false);
  });

  it('EXP-01: a host object that strays into a context reads as what JSON would be of it', () => {
    class Host {
      visible = 1;
      #hidden = 2;
      get inherited(): number {
        return this.#hidden;
      }
      method(): void {}
    }
    const contexts = {
      inputs: { host: new Host(), fn: () => 1, sym: Symbol('x'), big: 1n, undef: undefined, list: [() => 1] },
    } as unknown as Scope['contexts'];
    const read = (source: string): Value => evaluate(compileExpression(source), { contexts });
    expect(read('inputs.fn')).toBe(null);
    expect(read('inputs.sym')).toBe(null);
    expect(read('inputs.big')).toBe(null);
    expect(read('inputs.undef')).toBe(null);
    expect(read('inputs.list[0]')).toBe(null);
    expect(read('first(inputs.list)')).toBe(null);
    expect(read('inputs.list.*')).toEqual([null]);
    expect(read('inputs.host.visible')).toBe(1);
    expect(read('inputs.host.inherited')).toBe(null);
    expect(read('inputs.host.method')).toBe(null);
    expect(read('keys(inputs.host)')).toEqual(['visible']);
    expect(toText(read('inputs'))).toBe('{"host":{"visible":1},"fn":null,"sym":null,"big":null,"undef":null,"list":[null]}');
  });

  it('EXP-02: keys of the prototype are absent unless they are own keys of the data', () => {
    const keys = ['__proto__', 'constructor', 'prototype', 'toString', '__lookupGetter__', 'hasOwnProperty', 'valueOf'];
    const before = snapshotOfPrototypes();
    for (const key of keys) {
      const data = JSON.parse(`{"${key}": "own"}`) as Value;
      const read = (inputs: Value, source: string): Value => evaluate(compileExpression(source), { contexts: { inputs } });
      for (const source of [`inputs.${key}`, `inputs['${key}']`, `inputs[format('{0}', '${key}')]`, `inputs.${key.toUpperCase()}`]) {
        expect(read({}, source), source).toBe(null);
        expect(read(Object.create(null) as Value, source), source).toBe(null);
        expect(read([], source), source).toBe(null);
        expect(read('text', source), source).toBe(null);
        expect(read(data, source), source).toBe('own');
      }
    }
    expect(snapshotOfPrototypes()).toEqual(before);
  });

  it('EXP-02: a context itself is found by own key alone', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(evaluate(compileExpression(name, { contexts: [name] }), { contexts: {} })).toBe(null);
    }
  });

  it('EXP-03: an own key __proto__ passes through and never becomes a prototype', () => {
    const inputs = JSON.parse('{"__proto__": {"polluted": true}, "list": [{"__proto__": {"polluted": true}}]}') as Value;
    const sources = [
      'inputs',
      'inputs.*',
      'inputs.list.*.__proto__',
      'fromJSON(toJSON(inputs))',
      "{'__proto__': inputs.__proto__, b: inputs}",
      'unique([inputs, inputs])',
      "sort(inputs.list, '__proto__')",
      'flatten([inputs.list])',
      'values(inputs)',
    ];
    for (const source of sources) {
      const plain = toPlain(evaluate(compileExpression(source), { contexts: { inputs } }));
      const copied: unknown = JSON.parse(JSON.stringify(plain));
      expect(JSON.stringify(copied), source).toContain('"polluted":true');
      expect(Object.getPrototypeOf(plain), source).toSatisfy(
        (prototype) => prototype === Object.prototype || prototype === Array.prototype,
      );
      expect(({} as { polluted?: boolean }).polluted, source).toBeUndefined();
    }
    const own = toPlain(evaluate(compileExpression("{'__proto__': 1, '2': 2, '1': 1}"), { contexts: {} }));
    expect(Object.getOwnPropertyDescriptor(own, '__proto__')).toEqual({ value: 1, enumerable: true, writable: true, configurable: true });
  });

  it('EXP-04: a value that looks like a template stays text, byte for byte', () => {
    const evil = '${{ secrets.X }} $${{ item }} \\${{ x }} $<< secrets.X >>';
    const whole: Scope = { contexts: { inputs: { evil }, secrets: { X: 'the secret' } } };
    const fill = (text: string): Value => evaluateTemplate(compileTemplate(text), { whole, one: whole });
    expect(fill('${{ inputs.evil }}')).toBe(evil);
    expect(fill('<${{ inputs.evil }}>')).toBe(`<${evil}>`);
    expect(fill("${{ format('{0}', inputs.evil) }}")).toBe(evil);
    expect(fill('${{ fromJSON(toJSON(inputs)).evil }}')).toBe(evil);
  });

  it('EXP-08: no function takes a regular expression: what looks like one is text', () => {
    const text = `${'a'.repeat(10_000)}!`;
    const read = (source: string): Value => evaluate(compileExpression(source), { contexts: { inputs: { text } } });
    const spent = cpuMilliseconds(() => {
      expect(read("contains(inputs.text, '(a+)+$')")).toBe(false);
      expect(read("replace(inputs.text, '(a+)+$', 'x')")).toBe(text);
      expect(read("length(split(inputs.text, 'a+'))")).toBe(1);
      expect(read("startsWith(inputs.text, '^a')")).toBe(false);
    });
    expect(spent).toBeLessThan(50);
  });

  it('EXP-09: placeholders that are not closed, or stand in another one, are refused with their place', () => {
    const refused = ['${{ inputs.a', '${{ ${{ inputs.a }} }}', '$${{ inputs.a', '${{ inputs.a }', 'a ${{ }} b'];
    for (const text of refused) {
      expect(() => compileTemplate(text), text).toThrow(expect.objectContaining({ textOffset: expect.any(Number) as number }));
    }
  });

  it('EXP-09: what is not there is empty text, never "undefined" or "[object Object]"', () => {
    const whole: Scope = { contexts: { inputs: { o: {}, l: [{}], m: new Map() } } };
    const texts = [
      '${{ inputs.x.y }}.',
      '${{ inputs.o }}.',
      '${{ inputs.l }}.',
      '${{ inputs.m }}.',
      '${{ vars }}.',
      "${{ format('{0}', inputs.o) }}.",
    ];
    expect(texts.map((text) => evaluateTemplate(compileTemplate(text), { whole, one: whole }))).toEqual([
      '.',
      '{}.',
      '[{}].',
      '{}.',
      '.',
      'Object.',
    ]);
  });
});
