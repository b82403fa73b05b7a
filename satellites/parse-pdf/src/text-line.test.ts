import { describe, expect, it } from 'vitest';
import { blocksOf, bodyHeight } from './blocks.ts';
import { markdownOf, plainTextOf } from './render.ts';
import type { TextItem } from './text-line.ts';
import { linesOf } from './text-line.ts';

/** Text at a place, as wide as its letters in a font of this height usually are. */
function at(x: number, y: number, text: string, height = 10): TextItem {
  return { text, x, y, width: text.length * height * 0.5, height };
}

function read(items: readonly TextItem[]): string {
  const lines = linesOf(items);
  return markdownOf(blocksOf(lines, bodyHeight(lines)));
}

describe('lines', () => {
  it('are read from top to bottom and from left to right, however the file has them', () => {
    const lines = linesOf([at(40, 100, 'below'), at(80, 120, 'right'), at(50, 120.4, 'left ')]);
    expect(lines.map(({ cells }) => cells.map(({ text }) => text))).toEqual([['left right'], ['below']]);
  });

  it('get a blank where the file only leaves a gap, and none within a word', () => {
    expect(linesOf([at(0, 0, 'two'), at(18, 0, 'words'), at(43.5, 0, 'x')])[0]?.cells[0]?.text).toBe('two wordsx');
  });

  it('keep a superscript', () => {
    expect(linesOf([at(0, 100, 'E = mc'), at(31, 103, '2', 6)])).toHaveLength(1);
  });
});

describe('a page', () => {
  it('has headings, paragraphs and lists', () => {
    const items = [
      at(0, 200, 'Report', 20),
      at(0, 170, 'Part one', 13),
      at(0, 150, 'A paragraph over'),
      at(0, 138, 'two lines with a divid-'),
      at(0, 126, 'ed word.'),
      at(0, 100, 'Another one.'),
      at(0, 80, '• first'),
      at(0, 68, '• second, which'),
      at(0, 56, 'goes on'),
    ];
    expect(read(items)).toBe(
      '# Report\n\n## Part one\n\nA paragraph over two lines with a divided word.\n\nAnother one.\n\n- first\n- second, which goes on',
    );
  });

  it('has tables, with right-aligned numbers, empty cells and a header over two columns', () => {
    const items = [
      ...[at(150, 120, 'Both quarters of'), at(300, 120, 'Change')],
      ...[at(0, 105, 'Revenue'), at(150, 105, '1,234'), at(210, 105, '999'), at(300, 105, '+5 %')],
      ...[at(0, 90, 'Cost|s'), at(160, 90, '12'), at(215, 90, '9'), at(300, 90, '-1 %')],
      ...[at(0, 75, 'Other'), at(305, 75, '0 %')],
    ];
    expect(read(items)).toBe(
      [
        '|  | Both quarters of |  | Change |',
        '| --- | --- | --- | --- |',
        '| Revenue | 1,234 | 999 | +5 % |',
        '| Cost\\|s | 12 | 9 | -1 % |',
        '| Other |  |  | 0 % |',
      ].join('\n'),
    );
  });

  it('reads running text in two columns one after the other', () => {
    const lines = Array.from({ length: 8 }, (_, index) => index);
    const items = lines.flatMap((n) => [
      at(0, 200 - n * 12, `left ${n} goes on and on until here is its end`),
      at(300, 200 - n * 12, `right ${n} goes on and on until here is its end`),
    ]);
    const [left = '', right = '', ...more] = read(items).split('\n\n');
    expect(more).toEqual([]);
    expect(left.match(/left \d/g)).toEqual(lines.map((n) => `left ${n}`));
    expect(right.match(/right \d/g)).toEqual(lines.map((n) => `right ${n}`));
  });

  it('does not take one line with a gap for a table', () => {
    expect(read([at(0, 100, 'Name'), at(200, 100, 'Value'), at(0, 50, 'Text.')])).toBe('Name Value\n\nText.');
  });

  it('is plain where no marks are wanted', () => {
    const lines = linesOf([at(0, 90, 'a'), at(100, 90, 'b'), at(0, 75, '1'), at(100, 75, '2'), at(0, 20, 'End')]);
    expect(plainTextOf(blocksOf(lines, 10))).toBe('a\tb\n1\t2\n\nEnd');
  });
});
