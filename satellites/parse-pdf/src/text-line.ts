/** A piece of text on a page, in points; y grows upwards. */
export interface TextItem {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Of the font. */
  readonly height: number;
}

/** Text that stands together in a line: a sentence, or what is in one column of a table. */
export interface Cell {
  readonly text: string;
  readonly left: number;
  readonly right: number;
}

export interface TextLine {
  readonly cells: readonly Cell[];
  readonly y: number;
  readonly height: number;
}

/** A gap wider than this, in font heights, separates cells; justified text stays below it. */
const cellGap = 1.2;
/** A gap wider than this separates words, where the file has no blank. */
const wordGap = 0.15;

/** Groups the items of a page into lines, from top to bottom, and their cells from left to right. */
export function linesOf(items: readonly TextItem[]): readonly TextLine[] {
  const rows: TextItem[][] = [];
  for (const item of [...items].filter(({ text }) => text.trim() !== '').sort((a, b) => b.y - a.y || a.x - b.x)) {
    const row = rows.at(-1);
    const first = row?.[0];
    // Superscripts and mixed sizes share a line.
    if (row !== undefined && first !== undefined && first.y - item.y < 0.5 * Math.max(first.height, item.height)) row.push(item);
    else rows.push([item]);
  }
  return rows.map(lineOf);
}

function lineOf(row: readonly TextItem[]): TextLine {
  const height = Math.max(...row.map((item) => item.height));
  const cells: { text: string; left: number; right: number }[] = [];
  for (const item of [...row].sort((a, b) => a.x - b.x)) {
    const last = cells.at(-1);
    const gap = last === undefined ? Number.POSITIVE_INFINITY : item.x - last.right;
    if (last === undefined || gap > cellGap * height) {
      cells.push({ text: item.text, left: item.x, right: item.x + item.width });
      continue;
    }
    const needsBlank = gap > wordGap * height && !/\s$/.test(last.text) && !/^\s/.test(item.text);
    last.text += needsBlank ? ` ${item.text}` : item.text;
    last.right = Math.max(last.right, item.x + item.width);
  }
  const trimmed = cells.map(({ text, left, right }) => ({ text: text.trim().replaceAll(/\s+/g, ' '), left, right }));
  return { cells: trimmed, y: row[0]?.y ?? 0, height };
}
