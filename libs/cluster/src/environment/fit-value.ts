import { checkTemplate } from '@exosphere/expression';
import type { Json, TemplateEntry, TemplateNode } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import type { SchemaView } from '../check/schema-view.ts';
import { exampleOf, holeOf, keepsNull, wantsText } from '../check/shape-value.ts';
import type { Shaped, Specimen } from '../check/shaping.ts';
import { pointerTo } from '../check/shaping.ts';

/** Where a value of a plan stands in what a substitute is given. */
interface Spot {
  readonly pointer: string;
  readonly view: SchemaView;
}

/** A value of a plan as another schema wants it: texts where it wants texts, nulls kept where it asks for the key. */
export function fitValue(node: TemplateNode, spot: Spot, specimen: Specimen): Shaped {
  switch (node.kind) {
    case 'literal': {
      const example = fitLiteral(node.value, spot.view);
      return { node: { kind: 'literal', value: example }, example };
    }
    case 'text':
      return fitText(node, spot, specimen);
    case 'list':
      return fitList(node.items, spot, specimen);
    case 'map':
      return fitEntries(node.entries, spot, specimen);
    case 'merge':
      return fitMerge(node.parts, spot, specimen);
  }
}

function fitLiteral(value: Json, view: SchemaView): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item, index) => fitLiteral(item, view.item(index))); // Array.isArray gives any[]
  if (isJsonObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fitLiteral(inner, view.property(key))]));
  return (typeof value === 'number' || typeof value === 'boolean') && wantsText(view) ? String(value) : value;
}

function fitText(node: TemplateNode & { kind: 'text' }, { pointer, view }: Spot, specimen: Specimen): Shaped {
  const { template } = checkTemplate(node.source);
  const asText = node.asText || wantsText(view);
  const hole = holeOf(template, asText);
  specimen.holes.set(pointer, hole);
  return { node: { ...node, asText }, example: exampleOf(hole), isPlaceholder: template.kind === 'single' };
}

function fitList(items: readonly TemplateNode[], { pointer, view }: Spot, specimen: Specimen): Shaped {
  const fitted = items.map((item, index) => {
    const spot = { pointer: pointerTo(pointer, index), view: view.item(index) };
    const shaped = fitValue(item, spot, specimen);
    if (shaped.isPlaceholder === true) {
      specimen.holes.set(spot.pointer, 'any');
      specimen.open.add(pointer);
    }
    return shaped;
  });
  return { node: { kind: 'list', items: fitted.map(({ node }) => node) }, example: fitted.map(({ example }) => example) };
}

function fitEntries(entries: readonly TemplateEntry[], { pointer, view }: Spot, specimen: Specimen): Shaped {
  const fitted = entries.map(({ key, value, keepNull }) => ({
    key,
    keepNull: keepNull || keepsNull(view, key),
    ...fitValue(value, { pointer: pointerTo(pointer, key), view: view.property(key) }, specimen),
  }));
  return {
    node: { kind: 'map', entries: fitted.map(({ key, keepNull, node }) => ({ key, value: node, keepNull })) },
    example: Object.fromEntries(fitted.map(({ key, example }) => [key, example])),
  };
}

function fitMerge(parts: readonly TemplateNode[], spot: Spot, specimen: Specimen): Shaped {
  specimen.open.add(spot.pointer);
  const fitted = parts.map((part, index) =>
    fitValue(part, part.kind === 'text' ? { ...spot, pointer: pointerTo(spot.pointer, `<<${index}`) } : spot, specimen),
  );
  const examples = fitted.flatMap(({ example }) => (isJsonObject(example) ? Object.entries(example) : []));
  return { node: { kind: 'merge', parts: fitted.map(({ node }) => node) }, example: Object.fromEntries(examples) };
}
