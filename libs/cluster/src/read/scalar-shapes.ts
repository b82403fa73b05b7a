import type { DiagnosticCode, Json } from '@exosphere/model';
import { didYouMean, hintOf } from './closest-name.ts';
import { durationMs, durationPattern } from './duration.ts';
import type { Found, Shape } from './shape.ts';
import { found, refuse, refuseKind, subject } from './shape.ts';

/** A text; `form` says in words what the pattern asks for. */
export function text({
  pattern,
  form = '',
  code = 'bad-value',
}: { pattern?: RegExp; form?: string; code?: DiagnosticCode } = {}): Shape<string> {
  const expected = form === '' ? 'a text' : form;
  return {
    expected,
    schema: { type: 'string', ...(pattern === undefined ? {} : { pattern: pattern.source }) },
    read: (input) => {
      const { node } = input;
      if (node.kind !== 'scalar' || typeof node.value !== 'string' || node.big)
        return refuseKind(input, `${expected}${quoteHint(input.node)}`);
      if (pattern === undefined || pattern.test(node.value)) return found(input, node.value);
      return refuse(input, `${subject(input.at)} is '${node.value}', expected ${expected}.`, { code, found: node.value });
    },
  };
}

function quoteHint(node: { kind: string; value?: unknown }): string {
  return node.kind === 'scalar' && node.value !== null && node.value !== '' ? ' (in quotes)' : '';
}

/** A text, number or boolean, taken as the text that the file has. */
export function plainText(): Shape<string> {
  return {
    expected: 'a text',
    schema: { type: ['string', 'number', 'boolean'] },
    read: (input) => {
      const { node } = input;
      if (node.kind !== 'scalar' || node.value === null) return refuseKind(input, 'a text');
      return found(input, typeof node.value === 'string' ? node.value : node.raw);
    },
  };
}

export function flag(): Shape<boolean> {
  return {
    expected: 'true or false',
    schema: { type: 'boolean' },
    read: (input) =>
      input.node.kind === 'scalar' && typeof input.node.value === 'boolean'
        ? found(input, input.node.value)
        : refuseKind(input, 'true or false'),
  };
}

/** A whole number within limits. */
export function integer(least: number, most: number): Shape<number> {
  const expected = `a whole number from ${least} to ${most}`;
  return {
    expected,
    schema: { type: 'integer', minimum: least, maximum: most },
    read: (input) => {
      const { node } = input;
      if (node.kind !== 'scalar' || typeof node.value !== 'number') return refuseKind(input, expected);
      if (Number.isInteger(node.value) && node.value >= least && node.value <= most) return found(input, node.value);
      return refuse(input, `${subject(input.at)} is ${node.raw}, expected ${expected}.`, { found: node.value });
    },
  };
}

/** A number that is at least `least`. */
export function numberFrom(least: number): Shape<number> {
  const expected = `a number from ${least} on`;
  return {
    expected,
    schema: { type: 'number', minimum: least },
    read: (input) => {
      const { node } = input;
      if (node.kind !== 'scalar' || typeof node.value !== 'number') return refuseKind(input, expected);
      if (node.value >= least) return found(input, node.value);
      return refuse(input, `${subject(input.at)} is ${node.raw}, expected ${expected}.`, { found: node.value });
    },
  };
}

/** One of some words. */
export function choice<const Word extends string>(words: readonly Word[]): Shape<Word> {
  const expected = words.length === 1 ? `'${words.join('')}'` : `one of ${words.join(', ')}`;
  return {
    expected,
    schema: { enum: words },
    read: (input) => {
      const { node } = input;
      if (node.kind !== 'scalar' || node.value === null) return refuseKind(input, expected);
      const word = words.find((candidate) => candidate === node.value);
      if (word !== undefined) return found(input, word);
      const hint = hintOf(node.raw, words);
      return refuse(input, `${subject(input.at)} is '${node.raw}', expected ${expected}.${didYouMean(hint.hint)}`, {
        found: node.value,
        ...hint,
      });
    },
  };
}

/** A duration, with the text that the file has. */
export interface Duration {
  readonly ms: number;
  readonly text: string;
}

/** A duration within limits, both in the form that a file has: `duration('5m', '7d')`. */
export function duration(least: string, most: string): Shape<Duration> {
  const expected = `a duration from ${least} to ${most}, such as 30s, 5m, 6h or 1h30m`;
  return {
    expected,
    schema: {
      type: 'string',
      pattern: durationPattern.source,
      description: `A duration from ${least} to ${most}: 500ms, 30s, 5m, 6h, 7d.`,
    },
    read: (input) => {
      const { node } = input;
      if (node.kind !== 'scalar' || node.value === null || typeof node.value === 'boolean') return refuseKind(input, expected);
      const ms = typeof node.value === 'string' ? durationMs(node.value) : null;
      if (ms !== null && ms >= (durationMs(least) ?? 0) && ms <= (durationMs(most) ?? Infinity))
        return found(input, { ms, text: node.raw });
      const unit = typeof node.value === 'number' ? ` Say the unit: ${node.raw}s?` : '';
      return refuse(input, `${subject(input.at)} is '${node.raw}', expected ${expected}.${unit}`, {
        code: 'bad-duration',
        found: node.value,
      });
    },
  };
}

/** A share such as `98%`, or a whole number from 0 (or 1) on. */
export function shareOrCount({ least }: { least: 0 | 1 }): Shape<{ readonly kind: 'percent' | 'count'; readonly amount: number }> {
  const expected = `a number of items from ${least} on, or a share such as 98%`;
  return {
    expected,
    schema: {
      anyOf: [
        { type: 'integer', minimum: least },
        { type: 'string', pattern: '^(100(\\.0+)?|[0-9]{1,2}(\\.[0-9]+)?)\\s*%$' },
      ],
    },
    read: (input) => {
      const { node } = input;
      if (node.kind !== 'scalar' || node.value === null || typeof node.value === 'boolean') return refuseKind(input, expected);
      if (typeof node.value === 'number' && Number.isInteger(node.value) && node.value >= least)
        return found(input, { kind: 'count', amount: node.value });
      const percent = typeof node.value === 'string' ? /^(\d{1,3}(?:\.\d+)?)\s*%$/.exec(node.value)?.[1] : undefined;
      if (percent !== undefined && Number(percent) <= 100) return found(input, { kind: 'percent', amount: Number(percent) });
      return refuse(input, `${subject(input.at)} is '${node.raw}', expected ${expected}.`, { found: node.value });
    },
  };
}

/** Any scalar as the text that the file has: for `if`, where `true` and `success()` may both stand. */
export function scalarText(): Shape<string> {
  return {
    expected: 'an expression',
    schema: { type: ['string', 'number', 'boolean'] },
    read: (input): Found<string> | undefined => {
      const { node } = input;
      if (node.kind !== 'scalar' || node.value === null) return refuseKind(input, 'an expression');
      return found(input, node.raw);
    },
  };
}

/** A value that must be there exactly. */
export function constant<const Value extends Json & string>(known: readonly Value[], what: string): Shape<Value> {
  return {
    expected: `${what} ${known.join(' or ')}`,
    schema: { enum: known },
    read: (input) => {
      const { node } = input;
      const value = node.kind === 'scalar' ? known.find((candidate) => candidate === node.raw) : undefined;
      if (value !== undefined) return found(input, value);
      const given = node.kind === 'scalar' ? node.raw : '';
      return refuse(input, `This is no ${what} that is known${given === '' ? '' : `: '${given}'`}. Known: ${known.join(', ')}.`, {
        code: 'unknown-version',
        found: given,
      });
    },
  };
}
