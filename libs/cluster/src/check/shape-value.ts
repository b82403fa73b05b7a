import type { CompiledTemplate, ValueType } from '@exosphere/expression';
import { checkTemplate as parse } from '@exosphere/expression';
import type { Json, TemplateEntry, TemplateNode } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import { checkText } from './check-template.ts';
import type { JsonType, SchemaView } from './schema-view.ts';
import { join } from '../read/collection-shapes.ts';
import type { SourceEntry, SourceList, SourceMap, SourceNode, SourceScalar } from '../read/source-node.ts';
import type { Hole, Shaped, Shaping, Spot } from './shaping.ts';
import { pointerTo } from './shaping.ts';

/** Makes a plan's value of a file's: templates checked and kept as text, literals as the schema wants them (rules 32–34). */
export function shapeValue(source: SourceNode, spot: Spot, shaping: Shaping): Shaped {
  shaping.specimen.places.set(spot.pointer, { start: source.start, at: spot.at });
  if (source.kind === 'scalar') return shapeScalar(source, spot, shaping);
  if (source.kind === 'map') return shapeEntries(source.entries, spot, shaping);
  return mergesInto(source, spot.view) ? shapeMerge(source, spot, shaping) : shapeList(source, spot, shaping);
}

function shapeScalar(source: SourceScalar, spot: Spot, shaping: Shaping): Shaped {
  if (typeof source.value !== 'string' || source.big) return literal(literalValue(source, spot, shaping));
  const template = checkText({ node: source, at: spot.at }, source.value, shaping.viewer);
  if (template.kind === 'literal') return literal(template.text);
  const asText = wantsText(spot.view);
  shaping.specimen.holes.set(spot.pointer, holeOf(template, asText));
  const node: TemplateNode = { kind: 'text', source: source.value, asText };
  return { node, example: exampleOf(holeOf(template, asText)), isPlaceholder: template.kind === 'single' };
}

function literal(value: Json): Shaped {
  return { node: { kind: 'literal', value }, example: value };
}

/** Rule 32: where a text is wanted, a number or boolean becomes its text, as the file has it. */
function literalValue(source: SourceScalar, { view, at }: Spot, { viewer }: Shaping): Json {
  if (source.value === null) return null;
  if (wantsText(view)) return typeof source.value === 'boolean' ? String(source.value) : source.raw;
  if (source.big) {
    const message = `${source.raw} has more digits than a number keeps, so it is kept as text. Put it in quotes to say so.`;
    viewer.file.report.warning('big-integer', { start: source.start, at }, message, { found: source.raw });
  }
  return source.value;
}

/** The schema takes a text, and neither a number nor a boolean. */
export function wantsText({ types }: SchemaView): boolean {
  return types !== null && types.has('string') && !types.has('number') && !types.has('boolean');
}

/** What is known of what a template gives. */
export function holeOf(template: CompiledTemplate, asText: boolean): Hole {
  if (template.kind !== 'single') return 'string';
  const type: ValueType = template.placeholder.expression.type;
  return asText && (type === 'number' || type === 'boolean') ? 'string' : type;
}

const examples: Readonly<Record<Hole, Json>> = { any: null, null: null, boolean: false, number: 0, string: '', array: [], object: {} };

/** A value of a type, for schemas to look at. */
export function exampleOf(hole: Hole): Json {
  return examples[hole];
}

/** A mapping. One without templates in it is one literal. */
export function shapeEntries(entries: readonly SourceEntry[], spot: Spot, shaping: Shaping): Shaped {
  const shaped = entries.map((entry) => ({ key: entry.key, ...shapeEntry(entry, spot, shaping) }));
  const example = Object.fromEntries(shaped.map(({ key, example: value }) => [key, value]));
  if (shaped.every(({ node }) => node.kind === 'literal')) return { node: { kind: 'literal', value: example }, example };
  const templateEntries = shaped.map(({ key, node }): TemplateEntry => ({ key, value: node, keepNull: keepsNull(spot.view, key) }));
  return { node: { kind: 'map', entries: templateEntries }, example };
}

function shapeEntry({ key, value }: SourceEntry, { at, pointer, view }: Spot, shaping: Shaping): Shaped {
  return shapeValue(value, { at: join(at, key), pointer: pointerTo(pointer, key), view: view.property(key) }, shaping);
}

/** Rule 33: the schema requires the key, or names null for it. */
export function keepsNull(view: SchemaView, key: string): boolean {
  return view.requires(key) || (view.property(key).types?.has('null' satisfies JsonType) ?? false);
}

function shapeList(source: SourceList, { at, pointer, view }: Spot, shaping: Shaping): Shaped {
  const items = source.items.map((item, index) => {
    const spot: Spot = { at: join(at, index), pointer: pointerTo(pointer, index), view: view.item(index) };
    const shaped = shapeValue(item, spot, shaping);
    if (shaped.isPlaceholder === true) {
      // A list that it gives is spliced in (rule 34): neither its length nor the type of one item is known.
      shaping.specimen.holes.set(spot.pointer, 'any');
      shaping.specimen.open.add(pointer);
    }
    return shaped;
  });
  const example = items.map((item) => item.example);
  if (items.every(({ node }) => node.kind === 'literal')) return { node: { kind: 'literal', value: example }, example };
  return { node: { kind: 'list', items: items.map(({ node }) => node) }, example };
}

/** A list of mappings becomes one mapping where the schema asks for one (rule 34). Placeholders may stand for some of them. */
function mergesInto(source: SourceList, { types }: SchemaView): boolean {
  return (
    types !== null && types.has('object') && !types.has('array') && source.items.every((item) => item.kind === 'map' || isPlaceholder(item))
  );
}

function isPlaceholder(node: SourceNode): boolean {
  return node.kind === 'scalar' && typeof node.value === 'string' && parse(node.value).template.kind === 'single';
}

/** One mapping of several, in order. What placeholders give is merged at run time, all else here. */
function shapeMerge(source: SourceList, spot: Spot, shaping: Shaping): Shaped {
  const taken = new Set<string>();
  const parts = source.items.map((item, index) => {
    const at = join(spot.at, index);
    if (item.kind === 'map') return shapeEntries(newEntries(item, at, { taken, shaping }), { ...spot, at }, shaping);
    shaping.specimen.open.add(spot.pointer);
    return shapeValue(item, { at, pointer: pointerTo(spot.pointer, `<<${index}`), view: spot.view }, shaping);
  });
  const example = Object.fromEntries(parts.flatMap((part) => (isJsonObject(part.example) ? Object.entries(part.example) : [])));
  const nodes = parts.map(({ node }) => node);
  if (nodes.every(({ kind }) => kind === 'literal')) return { node: { kind: 'literal', value: example }, example };
  const entries = nodes.map((node) => entriesOf(node, spot.view));
  if (entries.includes(null)) return { node: { kind: 'merge', parts: nodes }, example };
  return { node: { kind: 'map', entries: entries.flatMap((some) => some ?? []) }, example };
}

/** The entries of one mapping of several that no mapping before it has. */
function newEntries(map: SourceMap, at: string, { taken, shaping }: { taken: Set<string>; shaping: Shaping }): readonly SourceEntry[] {
  return map.entries.filter(({ key, keySpan }) => {
    const repeated = taken.has(key);
    taken.add(key);
    if (repeated) {
      const message = `The key '${key}' is given twice in this list, which becomes one mapping. Leave one of them out.`;
      shaping.viewer.file.report.error('repeated-key', { start: keySpan.start, at: join(at, key) }, message);
    }
    return !repeated;
  });
}

/** The entries of a mapping that is known here; null for a placeholder. */
function entriesOf(node: TemplateNode, view: SchemaView): readonly TemplateEntry[] | null {
  if (node.kind === 'map') return node.entries;
  if (node.kind !== 'literal' || !isJsonObject(node.value)) return null;
  return Object.entries(node.value).map(([key, value]) => ({ key, value: { kind: 'literal', value }, keepNull: keepsNull(view, key) }));
}

/** A mapping with some keys left out. */
export function withoutKey(map: SourceMap, key: string): SourceMap {
  return { ...map, entries: map.entries.filter((entry) => entry.key !== key) };
}
