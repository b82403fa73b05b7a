import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFault } from './json-fault.ts';

describe('a value that is to be kept as JSON', () => {
  it('has no fault where JSON keeps all of it', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => jsonFault(value) === null));
  });

  it.each([
    [{ a: [1, { b: 0 / 0 }] }, 'NaN at /a/1/b is no JSON'],
    [{ a: -Infinity }, '-Infinity at /a is no JSON'],
    [{ a: 1n }, 'a bigint at /a is no JSON'],
    [{ a: Symbol('s') }, 'a symbol at /a is no JSON'],
    [{ a: () => 1 }, 'a function at /a is no JSON'],
    [{ a: new Map() }, 'a Map at /a is no JSON'],
    [{ a: Promise.resolve() }, 'a Promise (await it) at /a is no JSON'],
    [{ a: new Float64Array(1) }, 'bytes (write a file) at /a is no JSON'],
    [{ a: [undefined] }, 'undefined at /a/0 is no JSON'],
  ])('is told with its place: %#', (value, fault) => {
    expect(jsonFault(value)).toBe(fault);
  });

  it('may leave properties out, and may be of classes that know their JSON', () => {
    class Money {
      readonly cents = 5;
    }
    expect(jsonFault({ a: undefined, b: new Date(0), c: new Money(), d: new URL('https://a.example') })).toBeNull();
  });

  it('may not refer to itself', () => {
    const value: Record<string, unknown> = {};
    value['self'] = value;
    expect(jsonFault(value)).toMatch(/refers to itself/);
  });
});
