import type { InputDeclaration, Json } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import { schemaErrors, schemaFault } from '@exosphere/satellite-protocol';
import type { ClusterSource } from '../read/cluster-shape.ts';
import { jsonOf } from '../read/data-shapes.ts';
import type { Report } from '../read/report.ts';
import type { Found } from '../read/shape.ts';
import { checkPlainText } from './check-plain-text.ts';
import { schemaOfInput } from './input-schema.ts';

type Inputs = NonNullable<ClusterSource['inputs']>;
type InputSource = Inputs['value'] extends ReadonlyMap<string, Found<infer Source>> ? Found<Source> : never;

/** Checks the declarations of a run's inputs. */
export function checkInputs(inputs: Inputs | undefined, report: Report): Readonly<Record<string, InputDeclaration>> {
  return Object.fromEntries([...(inputs?.value ?? [])].map(([name, source]) => [name, declarationOf(name, source, report)]));
}

function declarationOf(name: string, source: InputSource, report: Report): InputDeclaration {
  const { type, required, options, description } = source.value;
  const declaration: InputDeclaration = {
    type: type?.value ?? 'string',
    required: required?.value ?? false,
    default: source.value.default?.value ?? null,
    options: optionsOf(name, source, report),
    schema: schemaOf(name, source, report),
    description: description?.value ?? null,
  };
  if ((declaration.type === 'choice') !== (options !== undefined)) {
    const message =
      options === undefined
        ? `The input '${name}' is a choice and has no options.`
        : `The input '${name}' has options, so its type is choice.`;
    report.error('bad-input-declaration', options ?? type ?? source, message, { found: name });
  }
  checkPlainText(declaration.default ?? undefined, source.value.default ?? source, report);
  checkDefault(name, source, declaration, report);
  return declaration;
}

function optionsOf(name: string, { value: { options } }: InputSource, report: Report): readonly Json[] | null {
  if (options === undefined) return null;
  const list = jsonOf(options.value);
  if (Array.isArray(list) && list.length > 0) return list as readonly Json[]; // Array.isArray gives any[]
  report.error('wrong-type', options, `The options of the input '${name}' are no list with values in it.`);
  return null;
}

function schemaOf(name: string, { value: { schema } }: InputSource, report: Report): Json | null {
  if (schema === undefined) return null;
  const json = jsonOf(schema.value);
  const fault = isJsonObject(json) ? schemaFault(json) : 'it is no mapping';
  if (fault === null) return json;
  report.error('bad-input-declaration', schema, `The schema of the input '${name}' is no JSON Schema (draft 2020-12): ${fault}.`, {
    found: name,
  });
  return null;
}

function checkDefault(name: string, { value }: InputSource, declaration: InputDeclaration, report: Report): void {
  if (value.default === undefined || declaration.default === null || (declaration.type === 'choice' && declaration.options === null))
    return;
  const [error] = schemaErrors(schemaOfInput(declaration), declaration.default);
  if (error === undefined) return;
  report.error('bad-input-declaration', value.default, `The default of the input '${name}' does not fit: ${error.message}`, {
    found: name,
  });
}
