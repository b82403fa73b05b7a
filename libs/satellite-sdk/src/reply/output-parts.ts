import { jsonFault } from './json-fault.ts';
import { OutputFault } from './reply-error.ts';

const { stringify } = JSON;

export interface OutputLimits {
  /** Longest JSON of one object, in characters. */
  readonly objectCharacters: number;
  /** Longest JSON of a part, where it has more than one object. */
  readonly partCharacters: number;
}

/** The objects of an output as JSON texts of lists, each short enough for one message (one object alone may be longer). */
export function outputParts(output: unknown, limits: OutputLimits): readonly string[] {
  const list: unknown = output ?? [];
  if (!Array.isArray(list)) throw new OutputFault(`A satellite returns a list of objects, this one returned ${kindOf(list)}.`);
  for (let index = 0; index < list.length; index += 1) checkObject(list[index], index);
  const whole = stringified(list);
  return whole.length <= limits.partCharacters ? [whole] : inParts(list, limits);
}

function checkObject(object: unknown, index: number): void {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    throw new OutputFault(`A satellite returns a list of objects; entry ${index} of this one is ${kindOf(object)}.`);
  }
  const fault = jsonFault(object);
  if (fault !== null) throw new OutputFault(`Entry ${index} of the output cannot be kept: ${fault}.`);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function stringified(value: unknown): string {
  try {
    return stringify(value);
  } catch (cause) {
    throw new OutputFault(`The output cannot be kept: ${cause instanceof Error ? cause.message : 'it is no JSON'}.`, { cause });
  }
}

function inParts(list: readonly unknown[], { objectCharacters, partCharacters }: OutputLimits): readonly string[] {
  const parts: string[] = [];
  let part: string[] = [];
  let characters = 0;
  const close = (): void => {
    parts.push(`[${part.join(',')}]`);
    part = [];
    characters = 0;
  };
  list.forEach((object, index) => {
    const text = stringified(object);
    if (!text.startsWith('{')) throw new OutputFault(`Entry ${index} of the output is no JSON object.`);
    if (text.length > objectCharacters) {
      throw new TooLarge(
        `Entry ${index} of the output has ${text.length} characters of JSON; one object may have ${objectCharacters}. Write a file.`,
      );
    }
    if (characters + text.length > partCharacters && part.length > 0) close();
    part.push(text);
    characters += text.length;
  });
  close();
  return parts;
}

/** One object is too large (spec 3.5): not retried. The name is that of the author's error class, so that its fields count. */
class TooLarge extends RangeError {
  override readonly name = 'SatelliteFailure';
  readonly code = 'output-too-large';
  readonly retryable = false;
}
