import type { Cell, TextLine } from './text-line.ts';

interface Span {
  left: number;
  right: number;
}

/** Lines further apart than this, in font heights, are not of one table. */
const rowGap = 3.5;

/** How many of the lines from `start` on are rows of one table. Less than two: there is none. */
export function tableLength(lines: readonly TextLine[], start: number): number {
  let end = start;
  for (; end < lines.length; end += 1) {
    const line = lines[end];
    const before = end > start ? lines[end - 1] : undefined;
    if (line === undefined || line.cells.length < 2) break;
    if (before !== undefined && before.y - line.y > rowGap * Math.max(before.height, line.height)) break;
  }
  return end - start;
}

/** Two columns of running text look like a table of long cells. */
export function isRunningText(lines: readonly TextLine[]): boolean {
  const cells = lines.flatMap((line) => line.cells);
  const letters = cells.reduce((sum, { text }) => sum + text.length, 0);
  return lines.length >= 6 && letters / cells.length > 32;
}

/** Puts the cells of each line into columns. */
export function tableRows(lines: readonly TextLine[]): readonly (readonly string[])[] {
  const columns = columnsOf(lines);
  return lines.map((line) => {
    const row = columns.map(() => '');
    for (const cell of line.cells) {
      const column = nearest(columns, cell);
      row[column] = row[column] === '' ? cell.text : `${row[column] ?? ''} ${cell.text}`;
    }
    return row;
  });
}

/** The columns are what the fullest rows cover; a header that spans two of them does not join them. */
function columnsOf(lines: readonly TextLine[]): readonly Span[] {
  const most = Math.max(...lines.map(({ cells }) => cells.length));
  const spans: Span[] = [];
  for (const { left, right } of lines.filter(({ cells }) => cells.length === most).flatMap(({ cells }) => cells)) {
    const overlapping = spans.filter((span) => left < span.right && right > span.left);
    const merged = {
      left: Math.min(left, ...overlapping.map((span) => span.left)),
      right: Math.max(right, ...overlapping.map((span) => span.right)),
    };
    for (const span of overlapping) spans.splice(spans.indexOf(span), 1);
    spans.push(merged);
  }
  return spans.sort((a, b) => a.left - b.left);
}

function nearest(columns: readonly Span[], { left, right }: Cell): number {
  const distances = columns.map((column) => {
    const overlap = Math.min(right, column.right) - Math.max(left, column.left);
    return overlap > 0 ? -overlap : Math.abs((left + right) / 2 - (column.left + column.right) / 2);
  });
  return distances.indexOf(Math.min(...distances));
}
