import type { Block } from './block.ts';
import { isRunningText, tableLength, tableRows } from './table.ts';
import type { TextLine } from './text-line.ts';

const bullet = /^(?:[•▪◦‣·]|[-–*](?=\s))\s*/;
/** Lines further apart than this, in font heights, are two paragraphs. */
const paragraphGap = 1.75;

/** The height of running text: the one that most letters have. */
export function bodyHeight(lines: readonly TextLine[]): number {
  const letters = new Map<number, number>();
  for (const { height, cells } of lines) {
    const rounded = Math.round(height * 2) / 2;
    letters.set(rounded, (letters.get(rounded) ?? 0) + cells.reduce((sum, { text }) => sum + text.length, 0));
  }
  return [...letters].reduce<readonly [number, number]>((best, entry) => (entry[1] > best[1] ? entry : best), [0, 0])[0];
}

/** Reads the lines of a page as blocks. `body` is the height of running text in the whole document. */
export function blocksOf(lines: readonly TextLine[], body: number): readonly Block[] {
  const blocks: Block[] = [];
  let paragraph: TextLine[] = [];
  const close = (): void => {
    if (paragraph.length > 0) blocks.push(textBlock(paragraph, body));
    paragraph = [];
  };
  for (let at = 0; at < lines.length;) {
    const rows = lines.slice(at, at + tableLength(lines, at));
    const line = lines[at] as TextLine; // the loop's condition says that it is there
    if (rows.length >= 2) {
      close();
      blocks.push(...(isRunningText(rows) ? columnBlocks(rows, body) : [{ kind: 'table', rows: tableRows(rows) } as const]));
      at += rows.length;
      continue;
    }
    if (!continues(paragraph.at(-1), line)) close();
    paragraph.push(line);
    at += 1;
  }
  close();
  return blocks;
}

/** Running text in columns is read one column after the other. */
function columnBlocks(lines: readonly TextLine[], body: number): readonly Block[] {
  const columns = Math.max(...lines.map(({ cells }) => cells.length));
  return Array.from({ length: columns }, (_, column) =>
    lines.flatMap((line) => (line.cells[column] === undefined ? [] : [{ ...line, cells: [line.cells[column]] }])),
  ).flatMap((column) => blocksOf(column, body));
}

function continues(before: TextLine | undefined, line: TextLine): boolean {
  if (before === undefined) return false;
  const isClose = before.y - line.y <= paragraphGap * Math.max(before.height, line.height);
  return isClose && Math.abs(before.height - line.height) < 0.6 && !bullet.test(textOf(line));
}

function textOf({ cells }: TextLine): string {
  return cells.map(({ text }) => text).join(' ');
}

function textBlock(lines: readonly TextLine[], body: number): Block {
  const text = lines.map(textOf).reduce(joined);
  const height = lines[0]?.height ?? body;
  const level = headingLevel(height / body, text);
  if (level !== null) return { kind: 'heading', level, text };
  return bullet.test(text) ? { kind: 'list-item', text: text.replace(bullet, '') } : { kind: 'paragraph', text };
}

function headingLevel(size: number, text: string): number | null {
  if (text.length > 200) return null;
  if (size >= 1.7) return 1;
  if (size >= 1.25) return 2;
  return size >= 1.12 ? 3 : null;
}

/** Joins two lines; a word that was divided at the end of the first becomes whole. */
function joined(before: string, line: string): string {
  return /\p{Ll}-$/u.test(before) && /^\p{Ll}/u.test(line) ? before.slice(0, -1) + line : `${before} ${line}`;
}
