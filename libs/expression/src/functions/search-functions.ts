import { looseEqual } from '../compare.ts';
import { toComparableText } from '../convert.ts';
import { finderOf } from '../find-text.ts';
import { foldText } from '../fold-case.ts';
import { spendReading, spendWork } from '../frame.ts';
import type { Frame } from '../frame.ts';
import { isList, isPrimitive } from '../value.ts';
import type { Value } from '../value.ts';
import { argument, eager } from './function-definition.ts';
import type { FunctionDefinition } from './function-definition.ts';

function contains(search: Value, item: Value, frame: Frame): boolean {
  if (isList(search)) return search.some((each) => equalCounted(each, item, frame));
  if (!isPrimitive(search) || !isPrimitive(item)) return false;
  return finderOf(folded(search, frame), folded(item, frame))(0) >= 0;
}

function equalCounted(left: Value, right: Value, frame: Frame): boolean {
  spendWork(frame, 1);
  if (typeof left === 'string' && typeof right === 'string') spendReading(frame, Math.min(left.length, right.length));
  else if (typeof left === 'string') spendReading(frame, left.length);
  return looseEqual(left, right);
}

function folded(value: Value, frame: Frame): string {
  const text = toComparableText(value);
  spendReading(frame, text.length);
  return foldText(text);
}

function bothFolded(args: readonly Value[], frame: Frame): readonly [text: string, part: string] | undefined {
  const [text, part] = [argument(args, 0), argument(args, 1)];
  return isPrimitive(text) && isPrimitive(part) ? [folded(text, frame), folded(part, frame)] : undefined;
}

/** GitHub's questions about texts and lists; none of them minds case. */
export const searchFunctions: readonly FunctionDefinition[] = [
  {
    name: 'contains',
    min: 2,
    max: 2,
    type: 'boolean',
    bind: eager((args, frame) => contains(argument(args, 0), argument(args, 1), frame)),
  },
  {
    name: 'startsWith',
    min: 2,
    max: 2,
    type: 'boolean',
    bind: eager((args, frame) => {
      const both = bothFolded(args, frame);
      return both !== undefined && both[0].startsWith(both[1]);
    }),
  },
  {
    name: 'endsWith',
    min: 2,
    max: 2,
    type: 'boolean',
    bind: eager((args, frame) => {
      const both = bothFolded(args, frame);
      return both !== undefined && both[0].endsWith(both[1]);
    }),
  },
];
