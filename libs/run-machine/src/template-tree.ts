import type { CompiledTemplate, Scope, Value } from '@exosphere/expression';
import { ExpressionError, compileTemplate, evaluateTemplate, toPlain, toText } from '@exosphere/expression';
import type { Json, JsonObject, TemplateNode } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import { languageOptions } from './language.ts';
import { TemplateFailure } from './template-failure.ts';

/** The two scopes of a template: for `${{ }}` and for `$${{ }}`. */
export interface Scopes {
  readonly whole: Scope;
  readonly one: Scope;
}

/** A tree of templates, compiled once per revision. */
export type CompiledTree =
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'text'; readonly template: CompiledTemplate; readonly asText: boolean; readonly isSingle: boolean }
  | { readonly kind: 'list'; readonly items: readonly CompiledTree[] }
  | {
      readonly kind: 'map';
      readonly entries: readonly { readonly key: string; readonly value: CompiledTree; readonly keepNull: boolean }[];
    }
  | { readonly kind: 'merge'; readonly parts: readonly CompiledTree[] };

/** Compiles a tree. The plan has been checked, so that an expression that does not compile is a fault of ours. */
export function compileTree(node: TemplateNode): CompiledTree {
  switch (node.kind) {
    case 'literal':
      return node;
    case 'text': {
      const template = compileTemplate(node.source, languageOptions);
      return { kind: 'text', template, asText: node.asText, isSingle: template.kind === 'single' };
    }
    case 'list':
      return { kind: 'list', items: node.items.map(compileTree) };
    case 'map':
      return { kind: 'map', entries: node.entries.map((entry) => ({ ...entry, value: compileTree(entry.value) })) };
    case 'merge':
      return { kind: 'merge', parts: node.parts.map(compileTree) };
  }
}

/**
 * Gives a tree its values.
 *
 * @param repeatedKey the code of the failure where merged mappings repeat a key
 * @throws TemplateFailure
 */
export function resolveTree(tree: CompiledTree, scopes: Scopes, repeatedKey: 'input-invalid' | 'config-invalid'): Json {
  switch (tree.kind) {
    case 'literal':
      return tree.value;
    case 'text':
      return resolveText(tree, scopes);
    case 'list':
      return tree.items.flatMap((item) => {
        const value = resolveTree(item, scopes, repeatedKey);
        return item.kind === 'text' && item.isSingle && Array.isArray(value) ? (value as readonly Json[]) : [value]; // isArray loses the element type
      });
    case 'map':
      return resolveMap(tree.entries, scopes, repeatedKey);
    case 'merge':
      return mergeParts(tree.parts, scopes, repeatedKey);
  }
}

function resolveText(tree: CompiledTree & { kind: 'text' }, scopes: Scopes): Json {
  const value = evaluateSafely(tree.template, scopes);
  if (tree.asText && (typeof value === 'number' || typeof value === 'boolean')) return toText(value);
  return toPlain(value);
}

function evaluateSafely(template: CompiledTemplate, scopes: Scopes): Value {
  try {
    return evaluateTemplate(template, scopes);
  } catch (error) {
    if (error instanceof ExpressionError) throw new TemplateFailure('template-failed', error.message, { cause: error });
    throw error;
  }
}

function resolveMap(
  entries: (CompiledTree & { kind: 'map' })['entries'],
  scopes: Scopes,
  repeatedKey: 'input-invalid' | 'config-invalid',
): JsonObject {
  const result: Record<string, Json> = {};
  for (const entry of entries) {
    const value = resolveTree(entry.value, scopes, repeatedKey);
    const isDropped = value === null && entry.value.kind === 'text' && !entry.keepNull;
    if (!isDropped) put(result, entry.key, value);
  }
  return result;
}

function mergeParts(parts: readonly CompiledTree[], scopes: Scopes, repeatedKey: 'input-invalid' | 'config-invalid'): Json {
  const values = parts.flatMap((part) => {
    const value = resolveTree(part, scopes, repeatedKey);
    return Array.isArray(value) ? (value as readonly Json[]) : [value]; // isArray loses the element type
  });
  if (!values.every(isJsonObject)) return values;
  const merged: Record<string, Json> = {};
  for (const [key, value] of values.flatMap((part) => Object.entries(part))) {
    if (Object.hasOwn(merged, key)) throw new TemplateFailure(repeatedKey, `key '${key}' is given twice`);
    put(merged, key, value);
  }
  return merged;
}

/** Sets an own property, also where the key is `__proto__`. */
function put(target: Record<string, Json>, key: string, value: Json): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}
