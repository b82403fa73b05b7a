import type { Json, JsonObject } from '@exosphere/satellite';
import type { Fault } from './schema-check.ts';

/** An answer as JSON, or what is wrong with it: a sentence for the model and for people. */
export type JsonAnswer = { readonly kind: 'object'; readonly object: JsonObject } | { readonly kind: 'fault'; readonly fault: string };

/** Separates what a reasoning model thinks aloud from its answer. Some servers cut off the opening tag. */
export function withoutReasoning(content: string): { readonly answer: string; readonly reasoning: string | null } {
  const end = content.lastIndexOf('</think>');
  if (end < 0) return { answer: content, reasoning: null };
  const reasoning = content
    .slice(0, end)
    .replace(/^\s*<think>/, '')
    .trim();
  return { answer: content.slice(end + '</think>'.length).trim(), reasoning };
}

/** Finds the JSON object in an answer: alone, in a code block, or with words around it. `check` tells whether it fits. */
export function readJsonAnswer(content: string, check: (value: Json) => Fault): JsonAnswer {
  const { answer } = withoutReasoning(content);
  const read = parseFirst([answer, codeBlockIn(answer), bracesIn(answer)]);
  if (read === null) return { kind: 'fault', fault: 'it is no JSON' };
  const { value } = read;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { kind: 'fault', fault: 'it is JSON, but no object' };
  const fault = check(value);
  return fault === null ? { kind: 'object', object: value as JsonObject } : { kind: 'fault', fault }; // neither null nor a list, from above
}

function parseFirst(candidates: readonly (string | null)[]): { readonly value: Json } | null {
  for (const candidate of candidates) {
    if (candidate === null) continue;
    try {
      return { value: JSON.parse(candidate) as Json }; // the definition of JSON
    } catch {
      continue; // the next candidate may be it
    }
  }
  return null;
}

function codeBlockIn(answer: string): string | null {
  return /```(?:json)?\s*\n([\s\S]*?)\n\s*```/.exec(answer)?.[1] ?? null;
}

function bracesIn(answer: string): string | null {
  const start = answer.indexOf('{');
  const end = answer.lastIndexOf('}');
  return start < 0 || end < start ? null : answer.slice(start, end + 1);
}
