import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Json } from './json.ts';
import { parseOutputSchema } from './output-schema.ts';
import { schemaFault } from './schema-compiler.ts';

interface Row {
  readonly name: string;
  readonly source: Json;
  readonly schema?: Json;
  readonly problem?: Json;
}

const rows = parse(readFileSync(new URL('../testdata/output-schemas.yml', import.meta.url), 'utf8')) as readonly Row[];

test.for(rows.map((row) => [row.name, row] as const))('an output-schema: %s', ([, { source, schema, problem }]) => {
  const read = parseOutputSchema(source);
  expect(read).toEqual(schema === undefined ? { problem } : { schema });
  if ('schema' in read) expect(schemaFault(read.schema)).toBeNull();
});

test('a shorthand that nests too deep is refused where it does', () => {
  const read = parseOutputSchema('{ a: '.repeat(100));
  expect(read).toEqual({ problem: { message: 'More than 64 levels of nesting begin here', offset: 320 } });
});

test('a name such as __proto__ is a name like any other', () => {
  const read = parseOutputSchema('{ "__proto__": string }');
  expect(JSON.stringify(read)).toBe(
    '{"schema":{"type":"object","properties":{"__proto__":{"type":"string"}},"required":["__proto__"],"additionalProperties":false}}',
  );
});
