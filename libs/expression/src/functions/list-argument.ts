import { admit, isList } from '../value.ts';
import type { ListValue, Value } from '../value.ts';

/** What the functions of lists work on: null counts as an empty list, anything else that is no list as a list of itself. */
export function asList(value: Value): ListValue {
  if (isList(value)) return value;
  return value === null ? [] : [value];
}

export function itemAt(list: ListValue, at: number): Value {
  return admit(list.at(at));
}
