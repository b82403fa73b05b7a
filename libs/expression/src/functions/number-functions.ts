import { toNumber } from '../convert.ts';
import { spendWork } from '../frame.ts';
import type { Frame } from '../frame.ts';
import { admit } from '../value.ts';
import type { Value } from '../value.ts';
import { argument, eager } from './function-definition.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { asList } from './list-argument.ts';

/** The numbers in a list. Nulls are left out, as a value that is not there; what is no number is NaN. */
function numbersIn(args: readonly Value[], frame: Frame): readonly number[] {
  const list = asList(argument(args, 0));
  spendWork(frame, list.length);
  const numbers: number[] = [];
  for (const item of list) {
    const value = admit(item);
    if (value !== null) numbers.push(toNumber(value));
  }
  return numbers;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function ofAny(compute: (numbers: readonly number[]) => number): FunctionDefinition['bind'] {
  return eager((args, frame) => {
    const numbers = numbersIn(args, frame);
    return numbers.length === 0 ? null : compute(numbers);
  });
}

const signature = { min: 1, max: 1, type: 'any' } as const;

/** Functions of lists of numbers: `sum` of nothing is 0, the others have no answer then, null. */
export const numberFunctions: readonly FunctionDefinition[] = [
  { ...signature, name: 'sum', type: 'number', bind: eager((args, frame) => total(numbersIn(args, frame))) },
  { ...signature, name: 'min', bind: ofAny((numbers) => numbers.reduce((least, number) => Math.min(least, number), Infinity)) },
  { ...signature, name: 'max', bind: ofAny((numbers) => numbers.reduce((most, number) => Math.max(most, number), -Infinity)) },
  { ...signature, name: 'avg', bind: ofAny((numbers) => total(numbers) / numbers.length) },
];
