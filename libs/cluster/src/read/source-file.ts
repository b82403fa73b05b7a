import type { Place, Report } from './report.ts';
import type { SourceScalar } from './source-node.ts';

/** The text of a file that is being checked, and where its problems go. */
export interface SourceFile {
  readonly text: string;
  readonly report: Report;
}

/**
 * The place in the file of an offset in a scalar's value. Folding, indentation and escapes make the two differ, so the word at the
 * offset is looked for in the scalar's source; where it is written otherwise there, the place is where the scalar begins.
 */
export function placeInScalar(file: SourceFile, { node, at }: { readonly node: SourceScalar; readonly at: string }, offset: number): Place {
  const value = typeof node.value === 'string' ? node.value : node.raw;
  const word = wordAt(value, offset);
  if (word === '') return { start: node.start, at };
  const source = file.text.slice(node.start, node.end);
  let found = source.indexOf(word);
  for (let before = value.indexOf(word); before >= 0 && before < offset && found >= 0; before = value.indexOf(word, before + 1)) {
    found = source.indexOf(word, found + 1);
  }
  return { start: node.start + Math.max(found, 0), at };
}

/** The text from an offset on, as long as it stands in one line without quotes and backslashes. */
function wordAt(value: string, offset: number): string {
  return /^[^\s'"\\]{1,40}/.exec(value.slice(offset, offset + 40))?.[0] ?? '';
}
