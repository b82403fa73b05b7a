import type { Document } from 'yaml';
import { LineCounter, parseDocument } from 'yaml';

/** What is wrong with a manifest, and where in its text. */
export interface ManifestProblem {
  readonly code: 'manifest-syntax' | 'manifest-invalid';
  readonly message: string;
  /** JSON pointer. */
  readonly at: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

const mostCharacters = 256 * 1024;
const mostDepth = 64;

/** The YAML document of a text, or its first problems. Limits are checked before the parser sees the text: depth breaks it. */
export function parseManifestText(text: string): { document: Document; lines: LineCounter } | { problems: readonly ManifestProblem[] } {
  const refusal = refusalOf(text);
  if (refusal !== null) return { problems: [{ code: 'manifest-syntax', at: '', line: 1, column: 1, message: refusal }] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: 'core', uniqueKeys: true, strict: true, merge: true });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length === 0) return { document, lines };
  return {
    problems: faults.map((fault) => {
      const { line, col } = lines.linePos(fault.pos[0]);
      return { code: 'manifest-syntax', at: '', line, column: col, message: fault.message.split('\n')[0] ?? fault.message };
    }),
  };
}

function refusalOf(text: string): string | null {
  if (text.length > mostCharacters) return `The manifest has ${text.length} characters; at most ${mostCharacters} are allowed.`;
  if (text.includes('\0')) return 'The manifest holds a NUL character; it must be plain text in UTF-8.';
  return depthOf(text) > mostDepth ? `The manifest is nested deeper than ${mostDepth} levels.` : null;
}

/**
 * An upper bound of the nesting: brackets that are open (also those in quotes), and block levels on a line. Counting too many is
 * harmless, a manifest comes nowhere near the limit.
 */
function depthOf(text: string): number {
  let open = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === '[' || character === '{') open += 1;
    else if (character === ']' || character === '}') open = Math.max(0, open - 1);
    deepest = Math.max(deepest, open);
  }
  for (const line of text.split('\n')) {
    const indentation = /^(?:[ ]|[-?:](?=[ ]))*/.exec(line)?.[0] ?? '';
    deepest = Math.max(deepest, Math.ceil(indentation.length / 2));
  }
  return deepest;
}

/** Where the value (or, if it is not there, the nearest thing around it) at a JSON pointer begins. */
export function positionOf(document: Document, lines: LineCounter, at: string): { line: number; column: number } {
  const path = at
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const range = (node as { range?: readonly number[] | null } | null | undefined)?.range; // nodes of the yaml package carry a range
    if (range?.[0] !== undefined) {
      const { line, col } = lines.linePos(range[0]);
      return { line, column: col };
    }
  }
  return { line: 1, column: 1 };
}
