import { kindOf } from '@exosphere/expression';
import type { Json } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import type { Answer, Question } from './answer.ts';
import { answerTo } from './answer.ts';
import { valueText } from './value-text.ts';

/** `{"kind": …, "value": …}` or `{"error": {"phase": …, "message": …}}`, on one line. */
export function answerText(answer: Answer): string {
  if ('error' in answer) return JSON.stringify(answer);
  try {
    return `{"kind":"${kindOf(answer.value)}","value":${valueText(answer.value)}}`;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return JSON.stringify({ error: { phase: 'evaluation', message: 'The value nests too deep, or is too long, to be written as JSON' } });
  }
}

/** The answer to one line of JSON, as one line of JSON. A line that asks nothing gets an error, so that answers stay in step. */
export function answerLine(line: string): string {
  const question = readQuestion(line);
  return answerText(typeof question === 'string' ? { error: { phase: 'input', message: question } } : answerTo(question));
}

/** The question, or what is wrong with the line. */
function readQuestion(line: string): Question | string {
  let row: Json;
  try {
    row = JSON.parse(line) as Json; // JSON.parse gives JSON
  } catch (error) {
    return `The line is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (!isJsonObject(row)) return 'The line must be a JSON object: {"expr": text, "contexts": {…}}';
  const form = typeof row['template'] === 'string' ? 'template' : 'expression';
  const source = row[form === 'template' ? 'template' : 'expr'];
  if (typeof source !== 'string') return 'The line must have an "expr" (or "template") that is a text';
  const contexts = row['contexts'] ?? {};
  if (!isJsonObject(contexts)) return '"contexts" must be a JSON object: contexts by name';
  return { source, form, contexts };
}
