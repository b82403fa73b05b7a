import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

it('gives the same lines, however they are cut into chunks', () => {
  const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\n'));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 }), fc.boolean(), (lines, sizes, isEnded) => {
      const found: string[] = [];
      const splitter = new LineSplitter((text) => found.push(text));
      const bytes = Buffer.from(lines.join('\n') + (isEnded ? '\n' : ''));
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        splitter.push(bytes.subarray(at, at + size));
        at += size;
      }
      splitter.end();
      expect(found).toEqual(lines);
    }),
  );
});
