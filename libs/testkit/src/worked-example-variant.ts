import type { Json, JsonObject } from '@exosphere/model';
import { InternalError, isJsonObject } from '@exosphere/model';

/**
 * A cluster with changes: each puts a value at a path such as `satellites/work/config/when` (identifiers in place of list indexes);
 * null removes what is there.
 */
export function withChanges(cluster: Json, changes: Readonly<Record<string, Json>>): Json {
  return Object.entries(changes).reduce<Json>((changed, [path, value]) => put(changed, path.split('/'), value), cluster);
}

function put(target: Json | undefined, path: readonly string[], value: Json): Json {
  const [head, ...rest] = path;
  if (head === undefined) return value;
  if (Array.isArray(target)) return putInList(target, { head, rest, value });
  if (target !== undefined && !isJsonObject(target)) throw new InternalError(`there is no mapping to put '${head}' into`);
  return putInObject(target ?? {}, { head, rest, value });
}

interface Change {
  readonly head: string;
  readonly rest: readonly string[];
  readonly value: Json;
}

function putInObject(target: JsonObject, { head, rest, value }: Change): JsonObject {
  if (rest.length > 0) return { ...target, [head]: put(target[head], rest, value) };
  if (value !== null) return { ...target, [head]: value };
  return Object.fromEntries(Object.entries(target).filter(([key]) => key !== head));
}

function putInList(target: readonly Json[], { head, rest, value }: Change): readonly Json[] {
  const index = target.findIndex((entry) => isJsonObject(entry) && entry['identifier'] === head);
  if (index < 0) throw new InternalError(`the list has no entry '${head}'`);
  if (rest.length === 0 && value === null) return target.toSpliced(index, 1);
  return target.with(index, put(target[index], rest, value));
}
