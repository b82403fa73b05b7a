import { skipBlanks, trimBlanks } from './blank.ts';
import { ExpressionError } from './expression-error.ts';

/** `whole` is `${{ }}`: one value per execution. `one` is `$${{ }}`: the one object on an item's lineage. */
export type PlaceholderForm = 'whole' | 'one';

export interface Placeholder {
  readonly form: PlaceholderForm;
  /** The expression, without the blanks around it. */
  readonly source: string;
  /** 0-based offset in the text of the placeholder's first `$`. */
  readonly start: number;
  /** 0-based offset in the text behind the placeholder. */
  readonly end: number;
  /** 0-based offset in the text of the expression. */
  readonly sourceStart: number;
}

interface Opening {
  readonly form: PlaceholderForm;
  readonly opening: string;
  readonly closing: string;
}

/** Longer ones first: `$${{` begins where a `${{` would begin a unit later. */
const OPENINGS: readonly Opening[] = [
  { form: 'one', opening: '$${{', closing: '}}' },
  { form: 'one', opening: '$$<<', closing: '>>' },
  { form: 'whole', opening: '${{', closing: '}}' },
  { form: 'whole', opening: '$<<', closing: '>>' },
];

/** The opening of a placeholder at exactly this offset. */
export function openingAt(text: string, at: number): Opening | undefined {
  return OPENINGS.find(({ opening }) => text.startsWith(opening, at));
}

/** @throws ExpressionError where the placeholder is not closed, or empty */
export function scanPlaceholder(text: string, start: number, { form, opening, closing }: Opening): Placeholder {
  const from = start + opening.length;
  const close = closing === '}}' ? findBraces(text, from) : findAngles(text, from);
  if (close < 0) throw notClosed(start, opening, closing);
  const sourceStart = skipBlanks(text, from);
  if (sourceStart >= close) throw problem('empty-placeholder', 'An expression was expected', { token: opening, start });
  const source = trimBlanks(text.slice(sourceStart, close));
  return { form, source, start, end: close + closing.length, sourceStart };
}

/** The `}}` that closes: not in a text in quotes, and not one that closes objects begun inside. */
function findBraces(text: string, from: number): number {
  let open = 0;
  let quoted = false;
  for (let at = from; at < text.length; at += 1) {
    const unit = text.charAt(at);
    if (unit === "'") quoted = !quoted;
    if (quoted) continue;
    if (unit === '{') open += 1;
    if (unit !== '}') continue;
    if (open > 0) open -= 1;
    else if (text.charAt(at + 1) === '}') return at;
  }
  return -1;
}

function findAngles(text: string, from: number): number {
  let quoted = false;
  for (let at = from; at < text.length; at += 1) {
    if (text.charAt(at) === "'") quoted = !quoted;
    else if (!quoted && text.startsWith('>>', at)) return at;
  }
  return -1;
}

function notClosed(start: number, opening: string, closing: string): ExpressionError {
  const found = `An unescaped ${opening} sequence was found, but the closing ${closing} sequence was not found.`;
  return problem('not-closed', `The expression is not closed. ${found}`, { token: opening, start });
}

function problem(code: 'not-closed' | 'empty-placeholder', message: string, at: { token: string; start: number }): ExpressionError {
  return new ExpressionError({ phase: 'parsing', code, message, token: at.token, textOffset: at.start });
}
