import { RE2JS } from 're2js';

/** What ajv asks of a regular expression. */
interface Pattern {
  test(text: string): boolean;
  /** ajv keeps one pattern for each text that this gives. */
  toString(): string;
}

/**
 * `pattern` in a schema, matched in linear time: schemas come with satellites of strangers, and a backtracking engine hangs the
 * worker on `(a+)+$`. Look-around and back-references are refused by it.
 */
function compile(source: string): Pattern {
  const pattern = RE2JS.compile(source);
  return { test: (text) => pattern.matcher(text).find(), toString: () => source };
}

/** In the form of ajv's option `code.regExp`; `code` would be the text of the function in generated modules, which we never make. */
export const linearPattern: ((source: string) => Pattern) & { code: string } = Object.assign(compile, { code: 'linearPattern' });
