import { stripVTControlCharacters } from 'node:util';
import type { Output } from './output.ts';

/** Lines at the end of a terminal that are drawn anew again and again. */
export interface LiveBlock {
  draw(lines: readonly string[]): void;
  /** A line that stays, above the block. */
  note(text: string): void;
  /** Takes the block away. */
  clear(): void;
}

export function createLiveBlock(out: Output): LiveBlock {
  let drawn: readonly string[] = [];
  const erase = (): void => {
    if (drawn.length > 0) out.live(`\u001b[${drawn.length}A\u001b[0J`);
  };
  const draw = (lines: readonly string[]): void => {
    const shown = lines.slice(0, Math.max(1, out.rows - 1)).map((line) => cut(line, out.columns - 1));
    erase();
    out.live(shown.map((line) => `${line}\n`).join(''));
    drawn = shown;
  };
  return {
    draw,
    note: (text) => {
      const block = drawn;
      erase();
      drawn = [];
      out.note(text);
      draw(block);
    },
    clear: () => {
      erase();
      drawn = [];
    },
  };
}

/** A line that would wrap cannot be erased: it is cut, and loses its colours then. */
function cut(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= columns ? line : `${plain.slice(0, Math.max(0, columns - 1))}…`;
}
