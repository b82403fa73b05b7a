import { readFileSync, readdirSync } from 'node:fs';
import { schemaErrors, schemaFault } from '@exosphere/satellite-protocol';
import { workedExamples } from '@exosphere/testkit/worked-examples';
import { describe, expect, test } from 'vitest';
import { environmentFileSchema } from '../environment/read-environment.ts';
import { clusterFileSchema } from './cluster-shape.ts';
import { jsonOf } from './data-shapes.ts';
import { readYaml } from './read-yaml.ts';

describe('the JSON Schema for editors comes from the table of keys that files are read with', () => {
  test('it is a schema that validators take', () => {
    expect(schemaFault(clusterFileSchema)).toBeNull();
    expect(schemaFault(environmentFileSchema)).toBeNull();
  });

  test('it accepts the cluster of every worked example', () => {
    for (const { name, cluster } of workedExamples()) expect(schemaErrors(clusterFileSchema, cluster), name).toEqual([]);
  });

  const refused = [
    'unknown-key',
    'keys-at-the-top',
    'unknown-version',
    'no-cluster',
    'bad-choices',
    'log-steps',
    'wrong-types',
    'bad-shares',
  ];
  test.for(refused)('it refuses the broken file %s', (name) => {
    const { root } = readYaml(readFileSync(new URL(`../../testdata/broken/${name}.yml`, import.meta.url), 'utf8'), null);
    expect(schemaErrors(clusterFileSchema, root === null ? null : jsonOf(root))).not.toEqual([]);
  });

  test('where it refuses a file, reading does so too', () => {
    const folder = new URL('../../testdata/broken/', import.meta.url);
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.yml'))) {
      const { root } = readYaml(readFileSync(new URL(name, folder), 'utf8'), null);
      if (root === null || schemaErrors(clusterFileSchema, jsonOf(root)).length === 0) continue;
      expect(readFileSync(new URL(name.replace('.yml', '.txt'), folder), 'utf8'), name).toMatch(/^\d+:\d+ error/m);
    }
  });

  test('every key says what it is for', () => {
    const open: unknown[] = [clusterFileSchema];
    for (let schema = open.pop(); schema !== undefined; schema = open.pop()) {
      if (typeof schema !== 'object' || schema === null) continue;
      const { properties } = schema as { properties?: Readonly<Record<string, { description?: string }>> };
      for (const [key, value] of Object.entries(properties ?? {})) expect(value.description, key).toMatch(/\S/);
      open.push(...Object.values(schema));
    }
  });
});
