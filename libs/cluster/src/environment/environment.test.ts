import { testCatalog, testCatalogManifests } from '@exosphere/testkit/test-catalog';
import type { JsonObject, Plan } from '@exosphere/model';
import type { SatelliteManifest } from '@exosphere/satellite-protocol';
import { isConfigured, manifestFrom } from '@exosphere/satellite-protocol';
import { describe, expect, test } from 'vitest';
import { readCluster } from '../plan/read-cluster.ts';
import type { AppliedEnvironment } from './apply-environment.ts';
import { applyEnvironment } from './apply-environment.ts';
import { readEnvironment } from './read-environment.ts';

describe('an environment file', () => {
  test('says where secrets come from, which addresses stand for others, and which satellites', () => {
    const text = `
secrets:
  TOKEN: { from-env: MY_TOKEN }
  KEY: { from-file: ../secrets/key.txt }
  ID: 0042
endpoints:
  s3: http://127.0.0.1:9000/
  https://api.aikin.com: http://127.0.0.1:8081
satellites:
  satellite/p/a: { uses: p/b@^1, config: { model: x }, input: { n: 1 } }
`;
    expect(readEnvironment(text, { file: 'local.yml' })).toEqual({
      diagnostics: [],
      environment: {
        secrets: {
          TOKEN: { kind: 'variable', name: 'MY_TOKEN' },
          KEY: { kind: 'file', path: '../secrets/key.txt' },
          ID: { kind: 'literal', value: '0042' },
        },
        endpoints: { s3: 'http://127.0.0.1:9000', 'https://api.aikin.com': 'http://127.0.0.1:8081' },
        satellites: { 'satellite/p/a': { uses: 'p/b@^1', config: { model: 'x' }, input: { n: 1 }, place: { line: 10, column: 26 } } },
      },
    });
  });

  test('may be empty in its parts', () => {
    expect(readEnvironment('secrets:\nendpoints: {}\n', { file: null }).environment).toEqual({
      secrets: {},
      endpoints: {},
      satellites: {},
    });
  });

  test.for<[string, string, string]>([
    ['an unknown key', 'secret: {}', '1:1 unknown-key at secret'],
    ['a secret with two sources', 'secrets: { A: { from-env: B, from-file: c } }', '1:15 conflicting-keys at secrets/A'],
    ['a secret with none', 'secrets: { A: {} }', '1:15 conflicting-keys at secrets/A'],
    ['a name that no secret can have', 'secrets: { 1A: x }', '1:12 bad-name at secrets/1A'],
    ['an endpoint that is no address', 'endpoints: { s3: 127.0.0.1:9000 }', '1:18 bad-endpoint at endpoints/s3'],
    ['an endpoint for nothing', 'endpoints: { "S 3": "http://localhost" }', '1:21 bad-endpoint at endpoints/S 3'],
    ['a substitute without uses', 'satellites: { p/a: {} }', '1:20 missing-key at satellites/p/a/uses'],
    ['a config that is no mapping', 'satellites: { p/a: { uses: p/b, config: [] } }', '1:41 wrong-type at satellites/p/a/config'],
  ])('%s is refused', ([, text, problem]) => {
    const { diagnostics, environment } = readEnvironment(text, { file: null });
    expect(environment).toBeNull();
    expect(diagnostics.map(({ line, column, code, at }) => `${line}:${column} ${code} at ${at}`)).toEqual([problem]);
  });
});

function manifest(name: string, own: JsonObject): SatelliteManifest {
  const read = manifestFrom({ manifest: 1, identifier: `satellite/test/${name}`, runtime: { isolate: {} }, input: {}, ...own });
  return 'manifest' in read && !isConfigured(read.manifest) ? read.manifest : expect.fail(JSON.stringify(read));
}

const text = { type: 'string' };
const document = {
  cardinality: 'one',
  text: 'markdown',
  schema: { type: 'object', required: ['markdown'], properties: { markdown: text } },
};
const readsFile = { type: 'object', required: ['file'], properties: { file: text } };

const catalog = testCatalog({
  manifests: [
    ...testCatalogManifests,
    manifest('parse', {
      config: { type: 'object', properties: { language: text } },
      input: readsFile,
      output: document,
      secrets: ['KEY', 'OTHER'],
    }),
    manifest('fits', {
      config: {
        type: 'object',
        required: ['model'],
        additionalProperties: false,
        properties: { language: text, model: text, level: text, token: text },
      },
      input: readsFile,
      output: document,
      secrets: ['KEY'],
    }),
    manifest('many', { config: {}, input: readsFile, output: { ...document, cardinality: 'many' } }),
    manifest('other-output', {
      config: {},
      input: readsFile,
      output: { cardinality: 'one', schema: { type: 'object', properties: { html: text } } },
    }),
    manifest('other-types', {
      config: {},
      input: { type: 'object', additionalProperties: false, required: ['url'], properties: { url: text } },
      output: { ...document, schema: { type: 'object', properties: { markdown: { type: 'number' } } } },
    }),
  ],
});

const cluster = `
version: 0.0.1b
cluster:
  identifier: test/env
  sla: 6h
  trigger: api-call
  secrets: [TOKEN]
  satellites:
    - { identifier: src, uses: test/list, config: { items: [] } }
    - identifier: parse
      uses: test/parse
      config: { language: en, level: 3 }
      input: { file: "\${{ item.file }}" }
      secrets: { KEY: "\${{ secrets.TOKEN }}", OTHER: "\${{ secrets.TOKEN }}" }
`;

const plan: Plan = readCluster(cluster, { file: null, catalog }).plan ?? expect.fail('the cluster has errors');

function apply(environment: string): AppliedEnvironment {
  const read = readEnvironment(environment, { file: 'env.yml' });
  return applyEnvironment(plan, read.environment ?? expect.fail(JSON.stringify(read.diagnostics)), { catalog, file: 'env.yml' });
}

const said = (environment: string): readonly string[] =>
  apply(environment).diagnostics.map(({ severity, line, code, message }) => `${line} ${severity} ${code}: ${message}`);

describe('a plan in an environment', () => {
  test('has the substitute with its config beside that of the step, and only the secrets that it takes', () => {
    const environment =
      'secrets: { MODEL: x }\nsatellites:\n  test/parse:\n    uses: test/fits\n    config: { model: small, token: "${{ secrets.MODEL }}" }\n';
    const { plan: applied, diagnostics, substitutions } = apply(environment);
    expect(diagnostics).toEqual([]);
    expect(applied?.steps[1]).toMatchObject({
      satellite: { reference: 'satellite/test/fits', text: 'markdown', cardinality: 'one' },
      config: {
        kind: 'map',
        entries: [
          { key: 'language', value: { kind: 'literal', value: 'en' } },
          { key: 'level', value: { kind: 'literal', value: '3' } },
          { key: 'model', value: { kind: 'literal', value: 'small' } },
          { key: 'token', value: { kind: 'text', source: '${{ secrets.MODEL }}' } },
        ],
      },
      input: { kind: 'map', entries: [{ key: 'file', value: { kind: 'text', asText: true }, keepNull: true }] },
      secrets: { KEY: { kind: 'text', source: '${{ secrets.TOKEN }}' } },
      grants: ['MODEL', 'TOKEN'],
    });
    expect(applied?.steps[1]?.secrets).not.toHaveProperty('OTHER');
    expect(substitutions.map(({ step, original, substitute }) => [step, original.reference, substitute.reference])).toEqual([
      ['parse', 'satellite/test/parse', 'satellite/test/fits'],
    ]);
  });

  test("an input of the environment takes the place of the step's", () => {
    const { plan: applied } = apply('satellites:\n  test/parse: { uses: test/fits, config: { model: m }, input: { file: always.pdf } }\n');
    expect(applied?.steps[1]?.input).toEqual({ kind: 'literal', value: { file: 'always.pdf' } });
  });

  test('the plan itself is left as it was', () => {
    const before = JSON.stringify(plan);
    apply('satellites:\n  test/parse: { uses: test/fits, config: { model: m } }\n');
    expect(JSON.stringify(plan)).toBe(before);
  });

  test.for<[string, string, readonly string[]]>([
    [
      'that nothing uses gets a warning',
      'satellites:\n  test/pars: { uses: test/fits }\n',
      [
        "2 warning unknown-substitute: The cluster does not use 'satellite/test/pars', so nothing stands for it. Did you mean 'satellite/test/parse'?",
      ],
    ],
    [
      'that does not exist is refused',
      'satellites:\n  test/parse:\n    uses: test/fit\n',
      ["3 error unknown-satellite: There is no satellite 'satellite/test/fit'. Did you mean 'satellite/test/fits'?"],
    ],
    [
      'at a version that does not exist is refused',
      'satellites: { test/parse: { uses: test/fits@^9 } }',
      ["1 error unknown-satellite-version: 'satellite/test/fits' has no version that fits '^9'. It has: 1.0.0."],
    ],
    [
      'that is a cluster is refused',
      'satellites: { test/parse: { uses: cluster/test/x } }',
      ["1 error bad-uses: 'cluster/test/x' is a cluster, and only a satellite can stand for a satellite."],
    ],
    [
      'whose config lacks a key is refused',
      'satellites: { test/parse: { uses: test/fits } }',
      ["1 error schema-mismatch: The config of step 'parse' does not fit: The key 'model' is missing."],
    ],
    [
      'of another cardinality is refused',
      'satellites: { test/parse: { uses: test/many } }',
      ["1 error substitute-mismatch: 'satellite/test/many' returns many where 'satellite/test/parse' returns one."],
    ],
    [
      'without the output that templates read is refused',
      'satellites: { test/parse: { uses: test/other-output } }',
      ["1 error substitute-mismatch: 'satellite/test/other-output' cannot stand for 'satellite/test/parse': its output has no 'markdown'."],
    ],
    [
      'of other types is refused',
      'satellites: { test/parse: { uses: test/other-types } }',
      [
        "1 error substitute-mismatch: 'satellite/test/other-types' cannot stand for 'satellite/test/parse': it needs the input 'url', which the other does not take.",
        "1 error substitute-mismatch: 'satellite/test/other-types' cannot stand for 'satellite/test/parse': it does not take the input 'file'.",
        "1 error substitute-mismatch: 'satellite/test/other-types' cannot stand for 'satellite/test/parse': the output 'markdown' is number in place of string.",
        "1 error schema-mismatch: The input of step 'parse' does not fit: The key 'url' is missing.",
        "1 error schema-mismatch: The input of step 'parse' does not fit: The key 'file' is not known. Known are: url.",
      ],
    ],
    [
      'whose config reads an item is refused',
      'satellites: { test/parse: { uses: test/fits, config: { model: "${{ item.x }}" } } }',
      ["1 error name-not-here: An environment cannot read 'item': it belongs to no item."],
    ],
  ])('a substitute %s', ([, environment, problems]) => {
    expect(said(environment)).toEqual(problems);
    expect(apply(environment).plan === null).toBe(problems.some((problem) => problem.includes(' error ')));
  });
});
