import { describe, expect, test } from 'vitest';
import { jsonOf } from './data-shapes.ts';
import { readYaml } from './read-yaml.ts';

function read(text: string): { value: unknown; problems: readonly string[] } {
  const { root, report } = readYaml(text, null);
  const problems = report.diagnostics().map(({ line, column, code }) => `${line}:${column} ${code}`);
  return { value: root === null ? undefined : jsonOf(root), problems };
}

function chain(levels: number, level: (index: number) => string): string {
  return Array.from({ length: levels }, (_, index) => level(index)).join('\n');
}

describe('YML-02 what aliases stand for is counted before it is made', () => {
  const laughs = `a0: &a0 [x, x, x, x, x, x, x, x, x]\n${chain(9, (i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`)}\n`;
  const many = `a: &a [${Array(100).fill('x').join(', ')}]\nb: [${Array(10_000).fill('*a').join(', ')}]\n`;

  test.for<[string, string, string]>([
    ['a billion laughs', laughs, '5:10 alias-expansion'],
    ['ten thousand aliases', many, '2:401 alias-expansion'],
    ['an alias inside of itself', '&a {b: *a}', '1:8 alias-cycle'],
  ])('%s', ([, text, problem]) => {
    const before = process.memoryUsage().rss;
    const started = performance.now();
    expect(read(text).problems).toEqual([problem]);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  test('aliases within the limit are resolved, an anchor that is set anew for what follows', () => {
    const { value, problems } = read('a: &x { n: 1 }\nb: *x\nc: &x [2]\nd: *x\n');
    expect(problems).toEqual([]);
    expect(value).toEqual({ a: { n: 1 }, b: { n: 1 }, c: [2], d: [2] });
  });
});

describe('YML-03 keys of the prototype are keys like any other', () => {
  test('they are own properties of the data', () => {
    const { value } = read('__proto__: { polluted: true }\nconstructor: { prototype: 1 }\n');
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('also by a merge key', () => {
    const { value } = read('base: &b { __proto__: { polluted: true } }\nuse: { <<: *b, n: 1 }\n');
    expect(JSON.stringify(value)).toBe('{"base":{"__proto__":{"polluted":true}},"use":{"__proto__":{"polluted":true},"n":1}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('YML-04 tags that are not of the core schema are refused', () => {
  test.for([
    '!!js/function "x"',
    '!!binary aGk=',
    '!!set {a, b}',
    '!foo x',
    '!!omap [a: 1]',
    '!!timestamp 2024-01-01',
    '!!python/object:os.system x',
  ])('%s', (tagged) => {
    expect(read(`a: ${tagged}`).problems).toEqual(['1:4 yaml-tag']);
  });

  test('tags of the core schema are understood', () => {
    expect(read('a: !!str 5\nb: !!int "5"\n').value).toEqual({ a: '5', b: 5 });
  });
});

describe('YML-05 large files are read in bounded time, or refused', () => {
  const bounded = (text: string): readonly string[] => {
    const started = performance.now();
    const { problems } = read(text);
    expect(performance.now() - started).toBeLessThan(15_000);
    return problems;
  };

  test('a chain of two thousand merge keys', () => {
    expect(bounded(`a0: &a0 {k0: 0}\n${chain(2_000, (i) => `a${i + 1}: &a${i + 1} {<<: *a${i}, k${i + 1}: 1}`)}`)).toEqual([
      '101:18 alias-expansion',
    ]);
  });

  test('more than 1 MiB, counted in bytes', () => {
    expect(bounded(`a: ${'x'.repeat(1024 * 1024)}`)).toEqual(['1:1 file-too-large']);
    expect(bounded(`a: ${'ä'.repeat(600 * 1024)}`)).toEqual(['1:1 file-too-large']);
  });

  test('a mapping of forty thousand keys', () => {
    expect(bounded(chain(40_000, (i) => `k${i}: 1`))).toEqual([]);
  });

  test('a key of a million characters', () => {
    expect(bounded(`${'k'.repeat(1_000_000)}: 1`)).toEqual(['1:1 yaml-syntax']);
  });
});

describe('YML-06 nothing is lost without a word', () => {
  test.for<[string, string, string]>([
    ['a key twice', 'a: 1\nb: 2\na: 3\n', '3:1 duplicate-key'],
    ['a key twice, quoted once', '{"a": 1, a: 2}', '1:10 duplicate-key'],
    ['a second document', 'a: 1\n---\nb: 2\n', '2:1 several-documents'],
    ['a tab as indentation', 'a:\n\tb: 1\n', '2:1 yaml-syntax'],
    ['UTF-16 read as UTF-8', 'a\0:\0 \x001\0', '1:2 bad-encoding'],
    ['bytes that are not UTF-8', 'a: \ufffdx\n', '1:4 bad-encoding'],
    ['half a surrogate pair', 'a: \ud83d\n', '1:4 bad-encoding'],
    ['a control character', 'a: \u0007\n', '1:4 control-character'],
    ['NUL by an escape', 'a: "x\\0"\n', '1:4 control-character'],
    ['half a surrogate pair by an escape', 'a: "\\ud800"\n', '1:4 control-character'],
    ['NUL in a key', '"\\0": 1\n', '1:1 control-character'],
    ['infinity', 'a: .inf\n', '1:4 bad-number'],
    ['a list as a key', '? [a]\n: 1\n', '1:3 bad-key'],
  ])('%s is refused', ([, text, problem]) => {
    expect(read(text).problems[0]).toBe(problem);
  });

  test('a byte order mark and CRLF are fine, and positions stay right', () => {
    const marked = read('\ufeffa: 1\r\nb: "x\r\n  y"\r\n');
    expect(marked).toEqual({ value: { a: 1, b: 'x y' }, problems: [] });
    expect(read('\ufeffa: 1\r\na: 2\r\n').problems).toEqual(['2:1 duplicate-key']);
  });

  test('JSON is read as what it is', () => {
    const json = { text: 'tab\t"quoted" \u2028 😀 \\/ ', list: [1, -2.5, 1e3, true, null], nested: { a: { b: [] } }, '': 0 };
    expect(read(JSON.stringify(json, null, '\t')).value).toEqual(json);
    expect(read('{"a":"\\ud83d\\ude00\\/"}').value).toEqual({ a: '😀/' });
  });
});

describe('YML-07 scalars are those of the YAML 1.2 core schema', () => {
  test.for<[string, unknown]>([
    ['no', 'no'],
    ['on', 'on'],
    ['yes', 'yes'],
    ['true', true],
    ['True', true],
    ['~', null],
    ['', null],
    ['1.10', 1.1],
    ['017', 17],
    ['0o17', 15],
    ['0x1F', 31],
    ['-0', 0],
    ['12:30:45', '12:30:45'],
    ['2024-01-01', '2024-01-01'],
    ['1_000', '1_000'],
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', '9007199254740993'],
    ['12345678901234567890', '12345678901234567890'],
    ['-99999999999999999999', '-99999999999999999999'],
    ['1e3', 1000],
    ['"1"', '1'],
  ])('%s', ([text, value]) => {
    expect(read(`a: ${text}\n`)).toEqual({ value: { a: value }, problems: [] });
  });

  test('a directive of YAML 1.1 does not bring its booleans back', () => {
    expect(read('%YAML 1.1\n---\na: yes\nb: 017\n').value).toEqual({ a: 'yes', b: 17 });
  });
});

describe('merge keys', () => {
  test('own keys come before merged ones, earlier mappings before later ones', () => {
    const text = 'one: &one { a: 1, b: 1 }\ntwo: &two { b: 2, c: 2 }\nuse: { <<: [*one, *two], c: 3, "<<": quoted }\n';
    expect(read(text).value).toMatchObject({ use: { a: 1, b: 1, c: 3, '<<': 'quoted' } });
  });
});
