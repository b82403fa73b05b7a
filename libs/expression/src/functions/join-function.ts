import { toComparableText } from '../convert.ts';
import { madeText, spendMemory, spendWork } from '../frame.ts';
import type { Frame } from '../frame.ts';
import { isList, isPrimitive } from '../value.ts';
import type { ListValue, Value } from '../value.ts';
import { argument, eager } from './function-definition.ts';
import type { FunctionDefinition } from './function-definition.ts';

function joinList(list: ListValue, separator: string, frame: Frame): string {
  spendMemory(frame, 26);
  let text = '';
  let isFirst = true;
  for (const item of list) {
    const piece = isFirst ? toComparableText(item) : separator + toComparableText(item);
    spendMemory(frame, 2 * piece.length);
    spendWork(frame, 1);
    text += piece;
    isFirst = false;
  }
  return text;
}

export const joinFunction: FunctionDefinition = {
  name: 'join',
  min: 1,
  max: 2,
  type: 'string',
  bind: eager((args, frame) => {
    const list = argument(args, 0);
    const separator: Value = args.length < 2 ? ',' : argument(args, 1);
    if (isList(list)) return joinList(list, isPrimitive(separator) ? toComparableText(separator) : ',', frame);
    return isPrimitive(list) ? madeText(frame, toComparableText(list)) : '';
  }),
};
