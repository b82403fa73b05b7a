import type { JsonObject } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import type { OpenSatellite, SatelliteError } from '@exosphere/ports';
import type { Step } from '@exosphere/run-machine';

/** Largest JSON text of one object, in UTF-16 units (spec 3.5: 64 MiB). */
export const largestObject = 64 * 1024 * 1024;

export type CheckedObjects =
  | { readonly kind: 'good'; readonly objects: readonly JsonObject[]; /** Their JSON texts. */ readonly texts: readonly string[] }
  | { readonly kind: 'bad'; readonly error: SatelliteError };

/** Checks what a satellite returned against its manifest: how many objects, what they are, and how large (rule 7). */
export function checkObjects(step: Step, satellite: OpenSatellite, objects: readonly JsonObject[], keys: Set<string>): CheckedObjects {
  const { cardinality, key } = step.plan.satellite;
  if (cardinality === 'one' && objects.length !== 1) {
    return bad({
      code: 'output-cardinality',
      message: `returned ${String(objects.length)} objects, the manifest says one`,
      retryable: true,
    });
  }
  const texts: string[] = [];
  for (const [index, object] of objects.entries()) {
    const fault = checkObject(satellite, object, index);
    if (fault !== null) return fault;
    const text = JSON.stringify(object);
    if (text.length > largestObject)
      return bad({
        code: 'output-too-large',
        message: `object ${String(index)} has ${String(text.length)} characters of JSON, 64 MiB are the most; put large values into a file`,
        retryable: false,
      });
    texts.push(text);
    if (key === null) continue;
    const value = JSON.stringify(object[key] ?? null);
    if (keys.has(value))
      return bad({
        code: 'output-invalid',
        message: `two objects of the list have the ${key} ${value}; the manifest says that it is unique`,
        retryable: true,
      });
    keys.add(value);
  }
  return { kind: 'good', objects, texts };
}

function checkObject(satellite: OpenSatellite, object: unknown, index: number): CheckedObjects | null {
  if (!isJsonObject(object))
    return bad({ code: 'output-invalid', message: `object ${String(index)} of the output is no object`, retryable: true });
  const violation = satellite.checkOutput(object);
  if (violation === null) return null;
  const place = violation.at === '' ? '' : ` at ${violation.at}`;
  return bad({ code: 'output-invalid', message: `object ${String(index)} of the output${place}: ${violation.message}`, retryable: true });
}

function bad(error: Omit<SatelliteError, 'retryAfterMs'>): CheckedObjects {
  return { kind: 'bad', error: { ...error, retryAfterMs: null } };
}
