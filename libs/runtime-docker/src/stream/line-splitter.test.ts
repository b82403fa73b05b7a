import { describe, expect, it } from 'vitest';
import { LineSplitter } from './line-splitter.ts';
import { plainText } from './plain-text.ts';

interface Seen {
  readonly lines: string[];
  readonly noise: string[];
  overlong: number;
}

function split(chunks: readonly (string | Buffer)[], mostBytes = 1_000): Seen {
  const seen: Seen = { lines: [], noise: [], overlong: 0 };
  let open = '';
  const splitter = new LineSplitter(
    {
      wants: (beginning) => beginning.toString().startsWith('{'),
      line: (text) => seen.lines.push(text),
      noise: (text, isLast) => {
        open += text;
        if (!isLast) return;
        seen.noise.push(open);
        open = '';
      },
      overlong: () => (seen.overlong += 1),
    },
    mostBytes,
  );
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.end();
  return seen;
}

describe('lines', () => {
  it('are put together from chunks, the wanted ones whole', () => {
    expect(split(['{"a"', ':1}\nno', 'ise\n\n{"b":2}\nlast'])).toEqual({
      lines: ['{"a":1}', '{"b":2}'],
      noise: ['noise', '', 'last'],
      overlong: 0,
    });
  });

  it('CTR-08: keep characters whole that are cut between chunks', () => {
    const text = Buffer.from('{"ü€😀"}\nü€😀\n');
    const bytes = [...text].map((byte) => Buffer.from([byte]));
    expect(split(bytes)).toMatchObject({ lines: ['{"ü€😀"}'], noise: ['ü€😀'] });
  });

  it('that are wanted and too long are dropped to their end', () => {
    expect(split([`{${'x'.repeat(2_000)}`, 'y'.repeat(2_000), '\n{"next":1}\n'])).toEqual({
      lines: ['{"next":1}'],
      noise: [],
      overlong: 1,
    });
  });

  it('CTR-08: keep what they are when they come byte by byte, at the price of their bytes', () => {
    const bytes = 2 * 2 ** 20;
    let held = '';
    const splitter = new LineSplitter(
      { wants: () => true, line: (text) => (held = text), noise: () => undefined, overlong: () => undefined },
      2 * bytes,
    );
    const before = process.memoryUsage();
    const chunk = Buffer.alloc(64 * 1024, 'x');
    for (let count = 0; count < bytes; count += 1) splitter.push(chunk.subarray(count % chunk.length, (count % chunk.length) + 1));
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    // a view of each byte would be two hundred megabytes
    expect(heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(10 * bytes);
    splitter.push(Buffer.from('\n'));
    expect(held).toHaveLength(bytes);
  });

  it('CTR-08: tell of all bytes that nobody wants, also of those that they do not show', () => {
    let bytes = 0;
    const splitter = new LineSplitter(
      { wants: () => false, line: () => undefined, noise: (_, __, count) => (bytes += count), overlong: () => undefined },
      1_000,
    );
    for (let count = 0; count < 100; count += 1) splitter.push(Buffer.alloc(2 ** 20, 'x'));
    splitter.push(Buffer.from('\nshort\n'));
    expect(bytes).toBe(100 * 2 ** 20 + 'short\n\n'.length);
  });

  it('CTR-08: of a gigabyte that nobody wants cost no memory, and are shown to 64 KiB', () => {
    const before = process.memoryUsage().rss;
    const chunk = Buffer.alloc(2 ** 20, 'x');
    const splitter = new LineSplitter(
      { wants: () => false, line: () => undefined, noise: () => undefined, overlong: () => undefined },
      1_000,
    );
    for (let count = 0; count < 1_024; count += 1) splitter.push(chunk);
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * 2 ** 20);
    const [shown = ''] = split([Buffer.alloc(2 ** 20, 'x'), '\n']).noise;
    expect(shown).toHaveLength(64 * 1024 + 1);
    expect(shown.endsWith('…')).toBe(true);
  });
});

describe('text for a log', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007text', 'text'],
    ['\u001b]8;;http://evil.test\u0007link\u001b]8;;\u0007', 'link'],
    ['a\u0000b', 'a\ufffdb'],
    ['tab\tand\r', 'tab\tand'],
    ['\u009b31mred', 'red'],
    ['ünïcode 😀', 'ünïcode 😀'],
    ['\u001bP1$r0m\u001b\\text', 'text'],
    ['\u001b(0text\u001bc', 'text'],
    ['cut \u001b[3', 'cut 3'],
    ['\u001b]0;without an end', '0;without an end'],
    ['a\nb', 'a\nb'],
  ])('CTR-08: %j is harmless as %j', (text, expected) => {
    expect(plainText(text)).toBe(expected);
  });

  it.each(['\u001b]', '\u001b]8;;', '\u001b[', '\u001b[1;', '\u009d', '\u001bP', '\u001b(', '\u001b', '\u0090x'])(
    'CTR-08: a megabyte of %j costs no time',
    (piece) => {
      const text = piece.repeat(2 ** 20 / piece.length);
      const start = performance.now();
      const plain = plainText(text);
      expect(performance.now() - start).toBeLessThan(2_000);
      // eslint-disable-next-line no-control-regex -- these are what must be gone
      expect(plain).not.toMatch(/[\u001b\u0090\u009d]/);
    },
  );
});
