import type { Diagnostic, JsonObject } from '@exosphere/model';
import { byKind, mapping, optional, recordOf, required } from '../read/collection-shapes.ts';
import { dataMapping } from '../read/data-shapes.ts';
import { positionsIn } from '../read/positions.ts';
import { readYaml } from '../read/read-yaml.ts';
import type { Report } from '../read/report.ts';
import { plainText, text } from '../read/scalar-shapes.ts';
import type { Found, Read } from '../read/shape.ts';
import { orEmpty } from '../read/special-shapes.ts';
import { identifierPattern } from '../read/step-shape.ts';
import type { Environment, SecretSource, Substitution } from './environment.ts';

const secretShape = byKind(plainText(), {
  kind: 'map',
  shape: mapping({
    'from-env': optional(text(), 'Name of the variable that holds it.'),
    'from-file': optional(text(), 'Path of the file that holds it, relative to this file.'),
  }),
});

const substitutionShape = mapping({
  uses: required(text(), 'The satellite that stands for it.'),
  config: optional(dataMapping(), 'Config keys beside, or in place of, those of the step.'),
  input: optional(dataMapping(), "The input in place of the step's."),
});

const environmentShape = mapping({
  secrets: optional(orEmpty(recordOf(secretShape, { what: 'name of a secret', pattern: identifierPattern })), 'Values of secrets.'),
  endpoints: optional(orEmpty(recordOf(text())), 'Addresses to use in place of others.'),
  satellites: optional(orEmpty(recordOf(substitutionShape)), 'Satellites to use in place of others.'),
});

/** JSON Schema of an environment file, for editors. */
export const environmentFileSchema: JsonObject = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Exosphere environment',
  ...environmentShape.schema,
};

/** An environment, or what is wrong with its file. */
export interface EnvironmentReading {
  readonly diagnostics: readonly Diagnostic[];
  /** Null where there is an error. */
  readonly environment: Environment | null;
}

/** Reads an environment file (spec 4.4). */
export function readEnvironment(source: string, { file }: { readonly file: string | null }): EnvironmentReading {
  const { root, report, text: yaml } = readYaml(source, file);
  const read = root === null ? undefined : environmentShape.read({ node: root, at: '', report });
  const environment = read === undefined ? null : environmentOf(read.value, { report, positionOf: positionsIn(yaml) });
  return { diagnostics: report.diagnostics(), environment: report.errorCount() > 0 ? null : environment };
}

interface Reading {
  readonly report: Report;
  readonly positionOf: ReturnType<typeof positionsIn>;
}

function environmentOf({ secrets, endpoints, satellites }: Read<typeof environmentShape>, reading: Reading): Environment {
  return {
    secrets: record(secrets, (secret) => sourceOf(secret, reading.report)),
    endpoints: record(endpoints, (endpoint, name) => endpointOf(endpoint, name, reading.report)),
    satellites: record(satellites, (satellite) => substitutionOf(satellite, reading)),
  };
}

function record<T, U>(
  found: Found<ReadonlyMap<string, Found<T>>> | undefined,
  change: (value: Found<T>, name: string) => U,
): Readonly<Record<string, U>> {
  return Object.fromEntries([...(found?.value ?? [])].map(([name, value]) => [name, change(value, name)]));
}

function sourceOf(secret: Found<Read<typeof secretShape>>, report: Report): SecretSource {
  if (typeof secret.value === 'string') return { kind: 'literal', value: secret.value };
  const { 'from-env': variable, 'from-file': file } = secret.value;
  if ((variable === undefined) === (file === undefined)) {
    report.error('conflicting-keys', secret, `'${secret.at}' needs one of from-env and from-file.`);
  }
  return variable === undefined ? { kind: 'file', path: file?.value ?? '' } : { kind: 'variable', name: variable.value };
}

const service = /^[a-z][a-z0-9-]*$/;
const address = /^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/;

function endpointOf(endpoint: Found<string>, name: string, report: Report): string {
  if (!service.test(name) && !address.test(name)) {
    const message = `'${name}' is neither the name of a service (s3, server) nor the beginning of an address (https://api.example.com).`;
    report.error('bad-endpoint', endpoint, message, { found: name });
  }
  if (address.test(endpoint.value) && URL.canParse(endpoint.value)) return endpoint.value.replace(/\/$/, '');
  const message = `The endpoint '${name}' is '${endpoint.value}', expected an address such as http://127.0.0.1:9000.`;
  report.error('bad-endpoint', endpoint, message, { found: endpoint.value });
  return '';
}

function substitutionOf(satellite: Found<Read<typeof substitutionShape>>, { positionOf }: Reading): Substitution {
  const { uses, config, input } = satellite.value;
  return {
    uses: uses?.value ?? '',
    config: config?.value ?? {},
    input: input?.value ?? null,
    place: positionOf(uses?.start ?? satellite.start),
  };
}
