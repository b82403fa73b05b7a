import type { InputDeclaration, Json, JsonObject, Plan } from '@exosphere/model';
import { ExosphereError, isJsonObject } from '@exosphere/model';

/**
 * The inputs of a run, with defaults put in.
 *
 * @throws ExosphereError `input-invalid`, naming every input that is missing, unknown or of another type
 */
export function readInputs(plan: Plan, given: JsonObject): JsonObject {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(plan.inputs, name));
  const faults = unknown.map((name) => `'${name}' is no input of ${plan.identifier}${known(plan)}`);
  const inputs: Record<string, Json> = {};
  for (const [name, declared] of Object.entries(plan.inputs)) {
    const value = given[name] ?? declared.default;
    if (value === null) {
      if (declared.required) faults.push(`'${name}' is required (${declared.type})`);
      continue;
    }
    const fault = faultOf(declared, value);
    if (fault !== null) faults.push(`'${name}' must be ${fault}, found ${JSON.stringify(value)}`);
    inputs[name] = value;
  }
  if (faults.length > 0) throw new ExosphereError('input-invalid', `the inputs do not fit: ${faults.join('; ')}`);
  return inputs;
}

function known(plan: Plan): string {
  const names = Object.keys(plan.inputs);
  return names.length === 0 ? ', which has none' : `; it has ${names.join(', ')}`;
}

/** What the value must be; null: it fits. */
function faultOf(declared: InputDeclaration, value: Json): string | null {
  switch (declared.type) {
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === declared.type ? null : `a ${declared.type}`;
    case 'choice':
      return (declared.options ?? []).some((option) => option === value) ? null : `one of ${JSON.stringify(declared.options ?? [])}`;
    case 'object':
      return isJsonObject(value) ? null : 'an object';
    case 'array':
      return Array.isArray(value) ? null : 'an array';
  }
}
