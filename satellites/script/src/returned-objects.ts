import { SatelliteFailure } from '@exosphere/satellite';

/** What the code returned as a list of objects, as `returns` has it. Anything else fails with `output-invalid`, not retryable. */
export function returnedObjects(returned: unknown, returns: 'one' | 'many'): readonly object[] {
  if (returns === 'one') {
    if (!isObject(returned)) throw invalid(`The code returned ${kindOf(returned)}: with 'returns: one' it returns an object.`);
    return [returned];
  }
  if (!Array.isArray(returned)) throw invalid(`The code returned ${kindOf(returned)}: with 'returns: many' it returns a list of objects.`);
  return returned.map((entry: unknown, index) => {
    if (isObject(entry)) return entry;
    throw invalid(`Entry ${index} of the list that the code returned is ${kindOf(entry)}, an object is expected.`);
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function invalid(message: string): SatelliteFailure {
  return new SatelliteFailure(message, { code: 'output-invalid', retryable: false });
}
