import { evaluationError } from './expression-error.ts';
import type { ExpressionError } from './expression-error.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

/** Bytes of the values that one evaluation may make: 26 and two a unit for a text, 24 and eight an item for a list. */
export const MOST_MEMORY = 16 * 1024 * 1024;
/** Items visited, and blocks of 16 units of text read. A list of a million items may be walked a few times. */
export const MOST_WORK = 5_000_000;

/** The working memory of one evaluation. */
export interface Frame {
  scope: Scope;
  /** The expression being evaluated, for messages. */
  source: string;
  memoryLeft: number;
  workLeft: number;
  /** Lists that came from `.*`: a further access maps over their items. */
  filtered: WeakSet<object> | undefined;
  /** Folded keys of large objects that were asked for a key in another case. */
  foldedKeys: WeakMap<object, ReadonlyMap<string, string>> | undefined;
}

/** What a node of the tree is compiled to. */
export type Run = (frame: Frame) => Value;

export function newFrame(scope: Scope, source: string): Frame {
  return { scope, source, memoryLeft: MOST_MEMORY, workLeft: MOST_WORK, filtered: undefined, foldedKeys: undefined };
}

/** Counts a text made, and hands it on. */
export function madeText(frame: Frame, text: string): string {
  spendMemory(frame, 26 + 2 * text.length);
  return text;
}

export function spendMemory(frame: Frame, bytes: number): void {
  frame.memoryLeft -= bytes;
  if (frame.memoryLeft < 0) throw exceeded(frame, 'too-much-memory', 'The maximum allowed memory size was exceeded');
}

export function spendList(frame: Frame, length: number): void {
  spendMemory(frame, 24 + 8 * length);
  spendWork(frame, length);
}

export function spendWork(frame: Frame, steps: number): void {
  frame.workLeft -= steps;
  if (frame.workLeft < 0) throw exceeded(frame, 'too-much-work', 'The maximum allowed number of steps was exceeded');
}

/** Counts the reading of a text. */
export function spendReading(frame: Frame, units: number): void {
  if (units >= 16) spendWork(frame, units >> 4);
}

function exceeded(frame: Frame, code: 'too-much-memory' | 'too-much-work', what: string): ExpressionError {
  return evaluationError(code, `${what} while evaluating the following expression: ${frame.source}`);
}
