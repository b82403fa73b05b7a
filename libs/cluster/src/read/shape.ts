import type { DiagnosticCode, JsonObject } from '@exosphere/model';
import type { Particulars, Place, Report } from './report.ts';
import type { SourceNode } from './source-node.ts';
import { kindInWords } from './source-node.ts';

/** A value that was read, with its place. */
export interface Found<T> extends Place {
  readonly value: T;
  readonly node: SourceNode;
}

/** A node that is about to be read. */
export interface Input {
  readonly node: SourceNode;
  readonly at: string;
  readonly report: Report;
}

/**
 * What may stand at one place of a file: how it is read, and how an editor is told of it. The keys of a file are one table of shapes,
 * from which both the validator and the JSON Schema come.
 */
export interface Shape<T> {
  /** In words, after "expected": `a text`. */
  readonly expected: string;
  readonly schema: JsonObject;
  /** Undefined: it does not fit, and that is reported. */
  read(input: Input): Found<T> | undefined;
}

/** The type of what a shape reads. */
export type Read<S> = S extends Shape<infer T> ? T : never;

/** What was read, at the place of its node. */
export function found<T>({ node, at }: Input, value: T): Found<T> {
  return { value, node, at, start: node.start };
}

/** Reports that a node does not fit. */
export function refuse(
  input: Input,
  message: string,
  { code = 'bad-value', ...particulars }: { code?: DiagnosticCode } & Particulars = {},
): undefined {
  input.report.error(code, { start: input.node.start, at: input.at }, message, particulars);
}

/** Reports that a node is of the wrong kind: "'retries' is a list, expected a number." */
export function refuseKind(input: Input, expected: string): undefined {
  return refuse(input, `${subject(input.at)} is ${kindInWords(input.node)}, expected ${expected}.`, { code: 'wrong-type' });
}

/** Names what a message is about: `'sla'`. */
export function subject(at: string): string {
  return at === '' ? 'The cluster' : `'${at}'`;
}
