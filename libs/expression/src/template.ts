import { openingAt, scanPlaceholder } from './placeholder-scan.ts';
import type { Placeholder } from './placeholder-scan.ts';

/** What a string scalar says: plain text, one placeholder and nothing else, or text with placeholders in it. */
export type Template<P extends Placeholder = Placeholder> =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'single'; readonly placeholder: P }
  | { readonly kind: 'text'; readonly parts: readonly (string | P)[] };

/**
 * Finds the placeholders of a text. `\${{` (and `\$${{`, `\$<<`, `\$$<<`) is `${{` as text.
 *
 * @throws ExpressionError 'not-closed', 'empty-placeholder'
 */
export function parseTemplate(text: string): Template {
  const parts: (string | Placeholder)[] = [];
  let literal = '';
  let from = 0;
  for (let at = text.indexOf('$'); at >= 0; at = text.indexOf('$', at)) {
    const opening = openingAt(text, at);
    if (!opening) {
      at += 1;
    } else if (at > from && text.charAt(at - 1) === '\\') {
      literal += text.slice(from, at - 1) + opening.opening;
      at += opening.opening.length;
      from = at;
    } else {
      const placeholder = scanPlaceholder(text, at, opening);
      literal += text.slice(from, at);
      if (literal !== '') parts.push(literal);
      parts.push(placeholder);
      literal = '';
      at = placeholder.end;
      from = at;
    }
  }
  return templateOf(parts, literal + text.slice(from));
}

function templateOf(parts: readonly (string | Placeholder)[], rest: string): Template {
  const [only] = parts;
  if (only === undefined) return Object.freeze({ kind: 'literal', text: rest });
  if (parts.length === 1 && rest === '' && typeof only !== 'string') return Object.freeze({ kind: 'single', placeholder: only });
  return Object.freeze({ kind: 'text', parts: Object.freeze(rest === '' ? parts : [...parts, rest]) });
}
