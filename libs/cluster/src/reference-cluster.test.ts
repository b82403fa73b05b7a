import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { testCatalog } from '@exosphere/testkit/test-catalog';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ClusterReading } from './index.ts';
import { applyEnvironment, canonicalPlan, describePlan, readCluster, readEnvironment } from './index.ts';
import { repositoryFile, shippedManifests } from './testing/shipped-manifests.ts';

const file = 'structured-pdfs.yml';
const text = readFileSync(new URL(`../testdata/${file}`, import.meta.url), 'utf8');
const literals = {
  AWS_ACCESS_KEY: 'your-aws-access-key',
  AWS_SECRET_KEY: 'your-aws-secret-key',
  API_BEARER_TOKEN: 'your-api-bearer-token',
  NEW_RELIC_ACCOUNT_ID: 'your-new-relic-account-id',
  NEW_RELIC_API_KEY: 'your-new-relic-api-key',
  NEW_RELIC_APPLICATION_ID: 'your-new-relic-application-id',
  FAILURE_S3_AWS_ACCESS_KEY: 'your-failure-s3-aws-access-key',
  FAILURE_S3_AWS_SECRET_KEY: 'your-failure-s3-aws-secret-key',
};

describe('the reference cluster, unchanged, with the satellites of this repository', () => {
  const catalog = testCatalog({ manifests: shippedManifests() });
  let reading: ClusterReading;
  beforeAll(() => {
    reading = readCluster(text, { file, catalog });
  });

  test('is the specification, byte for byte', () => {
    expect(createHash('sha256').update(text).digest('hex')).toBe('0ce345087e43de6d2fc7606127420d5a30bd3237984f338b5778a314cdc426b6');
  });

  test("gives exactly two warnings for PagerDuty's secrets and one for its literal secrets", () => {
    const said = reading.diagnostics.map(({ severity, code, at, line, column, found }) => ({ severity, code, at, line, column, found }));
    expect(said).toEqual([
      { severity: 'warning', code: 'literal-secret', at: 'secrets', line: 27, column: 5, found: Object.keys(literals) },
      {
        severity: 'warning',
        code: 'undeclared-secret',
        at: 'failure/satellites/send-pagerduty-alert/config/pagerduty-api-key',
        line: 138,
        column: 34,
        found: 'PAGERDUTY_API_KEY',
      },
      {
        severity: 'warning',
        code: 'undeclared-secret',
        at: 'failure/satellites/send-pagerduty-alert/config/pagerduty-service-id',
        line: 139,
        column: 37,
        found: 'PAGERDUTY_SERVICE_ID',
      },
    ]);
  });

  test('gives the values of its secrets apart, and neither the plan nor the stored text holds one', () => {
    expect(reading.literalSecrets).toEqual(literals);
    for (const value of Object.values(literals)) {
      expect(JSON.stringify(reading.plan)).not.toContain(value);
      expect(reading.source).not.toContain(value);
    }
    expect(reading.source).toContain('- AWS_ACCESS_KEY: null\n');
  });

  test('the stored text reads as the same plan, and its diagnostics are those of names alone', () => {
    const again = readCluster(reading.source ?? '', { file, catalog });
    expect(again.plan).toEqual(reading.plan);
    expect(again.diagnostics.map(({ code }) => code)).toEqual(['undeclared-secret', 'undeclared-secret']);
    expect(again.literalSecrets).toEqual({});
  });

  test('a list of mappings becomes one, and secrets of the config are secrets of the step', () => {
    const steps = new Map(reading.plan?.steps.map((step) => [step.identifier, step]));
    expect(steps.get('call-webhook')?.config).toMatchObject({
      kind: 'map',
      entries: [{ key: 'url' }, { key: 'method' }, { key: 'headers', value: { kind: 'map' } }, { key: 'body', value: { kind: 'map' } }],
    });
    expect(steps.get('get-files-from-s3')).toMatchObject({
      config: { kind: 'literal', value: { bucket: 'aikin-financial-reports', prefix: 'sec', recursive: true, extension: 'pdf' } },
      secrets: { AWS_ACCESS_KEY: { kind: 'text', source: '${{ secrets.AWS_ACCESS_KEY }}' } },
      grants: ['AWS_ACCESS_KEY', 'AWS_SECRET_KEY'],
    });
  });

  test('every step reads exactly what its templates name', () => {
    const described = describePlan(reading.plan ?? expect.fail('there is no plan'));
    const reads = described.steps.map(({ identifier, reads: of }) => [
      identifier,
      of.map(({ step, as, attributes }) => `${step} ${as} ${attributes.join(',')}`),
    ]);
    expect(Object.fromEntries(reads)).toEqual({
      'get-files-from-s3': [],
      'parse-pdf-with-docling': [],
      'deepseek-r1-distrill-llama-70b': ['parse-pdf-with-docling whole output'],
      'call-webhook': ['get-files-from-s3 one output', 'deepseek-r1-distrill-llama-70b whole output'],
      'delete-file-from-s3': ['get-files-from-s3 one output'],
      'move-to-failure-bucket': ['get-files-from-s3 one output'],
      'send-pagerduty-alert': ['get-files-from-s3 one output', 'get-files-from-s3 whole error', 'move-to-failure-bucket one output'],
      'send-logs-to-new-relic': [],
    });
  });

  test('is described by its edges, how often steps run, and the secrets that it needs', () => {
    const { edges, steps, secrets } = describePlan(reading.plan ?? expect.fail('there is no plan'));
    expect(edges.map(({ from, to, kind }) => `${from} ${kind} ${to}`)).toEqual([
      'get-files-from-s3 needs parse-pdf-with-docling',
      'parse-pdf-with-docling needs deepseek-r1-distrill-llama-70b',
      'deepseek-r1-distrill-llama-70b needs call-webhook',
      'call-webhook needs delete-file-from-s3',
      'move-to-failure-bucket needs send-pagerduty-alert',
    ]);
    expect(steps.find(({ identifier }) => identifier === 'call-webhook')?.perObjectOf).toEqual(['get-files-from-s3']);
    expect(secrets.filter(({ declared }) => !declared)).toEqual([
      { name: 'PAGERDUTY_API_KEY', declared: false, steps: ['send-pagerduty-alert'] },
      { name: 'PAGERDUTY_SERVICE_ID', declared: false, steps: ['send-pagerduty-alert'] },
    ]);
  });

  test('runs elsewhere in the environment of its example', () => {
    const { environment, diagnostics } = readEnvironment(repositoryFile('examples/structured-pdfs/environments/local.yml'), {
      file: 'local.yml',
    });
    expect(diagnostics).toEqual([]);
    const plan = reading.plan ?? expect.fail('there is no plan');
    const applied = applyEnvironment(plan, environment ?? expect.fail('there is no environment'), { catalog, file: 'local.yml' });
    expect(applied.diagnostics).toEqual([]);
    expect(applied.substitutions.map(({ step, substitute }) => [step, substitute.reference])).toEqual([
      ['parse-pdf-with-docling', 'satellite/exospherehost/parse-pdf'],
      ['deepseek-r1-distrill-llama-70b', 'satellite/exospherehost/chat-completion'],
    ]);
    expect(canonicalPlan(applied.plan ?? plan)).not.toBe(canonicalPlan(plan));
  });
});
