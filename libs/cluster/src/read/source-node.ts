/** Where something stands: UTF-16 offsets in the text of the file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a user wrote, with its place. Aliases and merge keys are resolved; every key is a text. */
export type SourceNode = SourceScalar | SourceList | SourceMap;

export interface SourceScalar extends Span {
  readonly kind: 'scalar';
  /** An integer that no double holds exactly is kept as the text that the file has. */
  readonly value: null | boolean | number | string;
  /** The value as the file has it, without quotes. */
  readonly raw: string;
  /** An integer that no double holds exactly. */
  readonly big: boolean;
  /** It has an anchor or came by an alias: the same text stands for several values. */
  readonly shared: boolean;
}

export interface SourceList extends Span {
  readonly kind: 'list';
  readonly items: readonly SourceNode[];
}

export interface SourceMap extends Span {
  readonly kind: 'map';
  readonly entries: readonly SourceEntry[];
}

export interface SourceEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: SourceNode;
}

/** The value of a key, or undefined. */
export function valueOf(map: SourceMap, key: string): SourceNode | undefined {
  return map.entries.find((entry) => entry.key === key)?.value;
}

/** What a value is, in the words of a message: `a list`, `the text 'x'`. Long texts are cut. */
export function kindInWords(node: SourceNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a mapping';
  const { value } = node;
  if (value === null) return 'nothing';
  if (typeof value !== 'string') return `the ${typeof value} ${node.raw}`;
  if (value === '') return 'an empty text';
  return `the text '${value.length > 60 ? `${value.slice(0, 57)}…` : value}'`;
}

/** What a value is, without saying it: for places where secrets stand. */
export function kindAlone(node: SourceNode): string {
  if (node.kind !== 'scalar') return kindInWords(node);
  return node.value === null ? 'nothing' : `a ${typeof node.value === 'string' ? 'text' : typeof node.value}`;
}

/** Whether a mapping has a key, whatever its value. */
export function hasKey(node: SourceNode, key: string): boolean {
  return node.kind === 'map' && node.entries.some((entry) => entry.key === key);
}
