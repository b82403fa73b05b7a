import type { Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import { mostDepth } from './nesting-depth.ts';
import type { Report } from './report.ts';
import type { SourceEntry, SourceMap, SourceNode, SourceScalar, Span } from './source-node.ts';

/** Nodes that all aliases of a file together may stand for. */
export const mostAliasedNodes = 10_000;

/** A node with what its expansion costs. */
interface Built {
  readonly node: SourceNode;
  readonly size: number;
  readonly height: number;
  /** It stands for an alias that could not be resolved, which is reported. */
  readonly missing: boolean;
}

interface Builder {
  readonly report: Report;
  /** By anchor: the node it stands for, or `open` while that is being built. */
  readonly anchors: Map<string, Built | 'open'>;
  aliasedNodes: number;
}

/** Where a node stands in the tree. */
interface Context {
  readonly depth: number;
  /** It has an anchor, or is part of something that has one. */
  readonly shared: boolean;
}

/** The tree of a document: aliases and merge keys resolved within {@link mostAliasedNodes}, keys made texts, numbers kept exactly. */
export function buildSource(contents: Node, report: Report): SourceNode {
  return build({ report, anchors: new Map(), aliasedNodes: 0 }, contents, { depth: 1, shared: false }).node;
}

function build(builder: Builder, node: unknown, context: Context): Built {
  if (isAlias(node)) return aliased(builder, node.source, { span: spanOf(node), depth: context.depth });
  if (!isMap(node) && !isSeq(node) && !isScalar(node)) return leaf(nothingAt({ start: 0, end: 0 }));
  const { anchor } = node;
  if (anchor === undefined) return buildContent(builder, node, context);
  builder.anchors.set(anchor, 'open');
  const built = buildContent(builder, node, { ...context, shared: true });
  builder.anchors.set(anchor, built);
  return built;
}

function buildContent(builder: Builder, node: YAMLMap | YAMLSeq | Scalar, context: Context): Built {
  if (isMap(node)) return mapOf(builder, node, context);
  if (isSeq(node)) return listOf(builder, node, context);
  return leaf(scalarOf(node, { report: builder.report, shared: context.shared }));
}

function aliased(builder: Builder, anchor: string, { span, depth }: { span: Span; depth: number }): Built {
  const { report } = builder;
  const place = { start: span.start, at: '' };
  const target = builder.anchors.get(anchor);
  if (target === undefined)
    report.error('unknown-anchor', place, `The alias '*${anchor}' has no anchor '&${anchor}' before it.`, { found: anchor });
  else if (target === 'open')
    report.error('alias-cycle', place, `The alias '*${anchor}' stands inside of what it stands for.`, { found: anchor });
  else if (depth + target.height > mostDepth)
    report.error('too-deep', place, `With this alias the file nests deeper than ${mostDepth} levels.`);
  else {
    const before = builder.aliasedNodes;
    builder.aliasedNodes += target.size;
    if (builder.aliasedNodes <= mostAliasedNodes) return target;
    if (before <= mostAliasedNodes) {
      report.error(
        'alias-expansion',
        place,
        `The aliases up to here stand for more than ${mostAliasedNodes} values. Write less by reference.`,
      );
    }
  }
  return { ...leaf(nothingAt(span)), missing: true };
}

function listOf(builder: Builder, list: YAMLSeq, { depth, shared }: Context): Built {
  const items = list.items.map((item) => build(builder, item, { depth: depth + 1, shared }));
  return collection({ kind: 'list', items: items.map(({ node }) => node), ...spanOf(list) }, items);
}

function mapOf(builder: Builder, map: YAMLMap, { depth, shared }: Context): Built {
  const own = new Set<string>();
  const entries: SourceEntry[] = [];
  const merged: { readonly at: number; readonly map: SourceMap }[] = [];
  const built: Built[] = [];
  for (const pair of map.items) {
    const key = keyOf(builder, pair, depth);
    if (key === null) continue;
    // What a merge key names comes one level up.
    const value = build(builder, pair.value ?? null, { depth: key.merge ? depth : depth + 1, shared });
    built.push(key.merge ? { ...value, height: Math.max(value.height - 1, 0) } : value);
    const name = key.merge ? mergeName : key.key;
    if (own.has(name))
      builder.report.error('duplicate-key', placeOf(key.keySpan), `The key '${key.key}' is given twice.`, { found: key.key });
    else if (key.merge) for (const source of mergeSources(builder, value)) merged.push({ at: entries.length, map: source });
    else entries.push({ key: key.key, keySpan: key.keySpan, value: pair.value === null ? nothingAt(endOf(key.keySpan)) : value.node });
    own.add(name);
  }
  return collection({ kind: 'map', entries: withMerged(entries, merged), ...spanOf(map) }, built);
}

/** The entries with those of merge keys, each where its `<<` stands. Own keys come before merged ones, earlier ones before later ones. */
function withMerged(
  entries: readonly SourceEntry[],
  merged: readonly { readonly at: number; readonly map: SourceMap }[],
): readonly SourceEntry[] {
  if (merged.length === 0) return entries;
  const taken = new Set(entries.map(({ key }) => key));
  const result: SourceEntry[] = [];
  for (let index = 0; index <= entries.length; index += 1) {
    for (const { at, map } of merged) {
      if (at !== index) continue;
      const added = map.entries.filter(({ key }) => !taken.has(key));
      for (const { key } of added) taken.add(key);
      result.push(...added);
    }
    const entry = entries[index];
    if (entry !== undefined) result.push(entry);
  }
  return result;
}

/** No text of a key: a quoted '<<' is a key like any other. */
const mergeName = '\u0000<<';

function mergeSources(builder: Builder, { node: value, missing }: Built): readonly SourceMap[] {
  if (missing) return [];
  const sources = value.kind === 'list' ? value.items : [value];
  const maps = sources.filter((source) => source.kind === 'map');
  if (maps.length < sources.length) {
    builder.report.error('bad-merge', placeOf(value), "The merge key '<<' takes a mapping, or a list of mappings.", { found: '<<' });
  }
  return maps;
}

interface Key {
  readonly key: string;
  readonly keySpan: Span;
  readonly merge: boolean;
}

function keyOf(builder: Builder, { key }: Pair, depth: number): Key | null {
  const keySpan = spanOf(key);
  const { node } = build(builder, key, { depth, shared: false });
  if (node.kind !== 'scalar') {
    builder.report.error('bad-key', placeOf(keySpan), 'A key must be a text, not a list or a mapping.');
    return null;
  }
  return {
    key: typeof node.value === 'string' ? node.value : node.raw,
    keySpan,
    merge: isScalar(key) && key.type === 'PLAIN' && key.source === '<<',
  };
}

function scalarOf(scalar: Scalar, { report, shared }: { report: Report; shared: boolean }): SourceScalar {
  const span = spanOf(scalar);
  const raw = scalar.source ?? '';
  const common = { kind: 'scalar', raw, big: false, shared, ...span } as const;
  const { value } = scalar;
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? { ...common, value: number } : { ...common, value: raw, big: true };
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    report.error('bad-number', placeOf(span), `${raw} is no number that JSON has. Quote it, if it is a text.`, { found: raw });
    return { ...common, value: null };
  }
  if (typeof value === 'string' && !isStorable(value)) refuseText(span, report);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return { ...common, value };
  return { ...common, value: null };
}

/** An escape can make what no database keeps as text: NUL, or half of a surrogate pair. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

function refuseText(span: Span, report: Report): void {
  report.error(
    'control-character',
    placeOf(span),
    'An escape in this text gives NUL, or half of a surrogate pair, which no text may hold.',
  );
}

function collection(node: SourceNode, parts: readonly Built[]): Built {
  return {
    node,
    size: parts.reduce((sum, { size }) => sum + size, 1),
    height: parts.reduce((most, { height }) => Math.max(most, height), 0) + 1,
    missing: false,
  };
}

function leaf(node: SourceNode): Built {
  return { node, size: 1, height: 0, missing: false };
}

function nothingAt(span: Span): SourceScalar {
  return { kind: 'scalar', value: null, raw: '', big: false, shared: false, start: span.start, end: span.end };
}

function spanOf(node: unknown): Span {
  const { range } = (node ?? {}) as { range?: readonly [number, number, number] | null }; // every node of the yaml package may have a range
  return { start: range?.[0] ?? 0, end: range?.[1] ?? 0 };
}

function endOf({ end }: Span): Span {
  return { start: end, end };
}

function placeOf({ start }: Span): { start: number; at: string } {
  return { start, at: '' };
}
