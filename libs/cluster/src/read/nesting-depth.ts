import { Lexer } from 'yaml';

/** Collections inside one another that a file may have. */
export const mostDepth = 64;

/**
 * Where a text nests deeper than {@link mostDepth}, or null.
 *
 * The composer of the yaml package is recursive: `'[' × 5000`, a few times over, kills the process in a way that nothing catches.
 * Its lexer is not, so the depth is counted on its tokens before the composer sees the text.
 */
export function tooDeepAt(text: string): number | null {
  const blocks = blockLevels();
  let flow = 0;
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    if (isControl(token)) {
      if (token === flowEnd) flow = 0;
      if (token === scalarNext) blocks.content();
      continue;
    }
    if (token === '[' || token === '{') {
      if (flow === 0) blocks.content();
      flow += 1;
    } else if (token === ']' || token === '}') flow = Math.max(0, flow - 1);
    else if (flow === 0) blocks.token(token);
    if (flow + blocks.depth() > mostDepth) return offset;
    offset += token.length;
    blocks.advance(token);
  }
  return null;
}

const flowEnd = '\u0018';
const scalarNext = '\u001f';

function isControl(token: string): boolean {
  return token === '\u0002' || token === flowEnd || token === scalarNext;
}

interface Level {
  readonly column: number;
  readonly list: boolean;
}

/** The block collections that are open at the current token: `-`, `?` and `key:` open one at their column. */
function blockLevels(): {
  content(): void;
  token(token: string): void;
  advance(token: string): void;
  depth(): number;
} {
  const open: Level[] = [];
  let column = 0;
  /** Column where the content stands that a `:` may make a key of. */
  let contentAt: number | null = null;

  const openAt = (level: Level): void => {
    for (let top = open.at(-1); top !== undefined && endedBy(top, level); top = open.at(-1)) open.pop();
    const top = open.at(-1);
    if (top?.column !== level.column || top.list !== level.list) open.push(level);
  };
  return {
    content: () => {
      contentAt ??= column;
    },
    token: (token) => {
      if (token === '-') openAt({ column, list: true });
      else if (token === '?') openAt({ column, list: false });
      else if (token === ':') openAt({ column: contentAt ?? column, list: false });
      else if (token.trim() !== '') contentAt ??= column;
      if (token === '-' || token === '?' || token === ':') contentAt = null;
    },
    advance: (token) => {
      const newline = token.lastIndexOf('\n');
      column = newline < 0 ? column + token.length : token.length - newline - 1;
      if (newline >= 0) contentAt = null;
    },
    depth: () => open.length,
  };
}

/** A key ends a list at its own column (`a:` after `- b`), a list below a key may stand at the key's column. */
function endedBy(top: Level, next: Level): boolean {
  return top.column > next.column || (top.column === next.column && top.list && !next.list);
}
