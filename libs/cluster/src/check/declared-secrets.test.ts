import { expect, test } from 'vitest';
import { readCluster } from '../plan/read-cluster.ts';
import { catalog } from '../testing/catalog.ts';

const value = 'kx7-value-of-a-secret';

function file(secrets: string): string {
  return `version: 0.0.1b\ncluster:\n  identifier: test/secrets\n  sla: 6h\n  trigger: api-call\n  secrets:${secrets}\n  satellites: [{ uses: test/echo, input: { a: "\${{ secrets.A }}" } }]\n`;
}

test.for<[string, string]>([
  ['plain, in a mapping', `\n    A: ${value}\n    B: other-secret-value`],
  ['quoted, with a comment behind it', `\n    A: "${value}" # rotate in May\n    B: 'x'`],
  ['in a list of mappings', `\n    - A: ${value}\n    - B: two\n    - C`],
  ['as a block', `\n    A: |\n      ${value}\n      second line\n    B: x`],
  ['as a folded block at the end', `\n    B: x\n    A: >-\n      ${value}\n      second line`],
  ['over two lines', `\n    A: "${value}\n      second"\n    B: x`],
  ['in braces', ` { A: ${value}, B: "x" }`],
  ['with an escape', `\n    A: "${value}\\u0021"`],
  ['as JSON', ` {"A":"${value}","B":"x"}`],
])('the value of a secret that is written %s is taken out, and the text still reads as the same cluster', ([, secrets]) => {
  for (const text of [file(secrets), file(secrets).replaceAll('\n', '\r\n')]) {
    const reading = readCluster(text, { file: null, catalog });
    expect(reading.diagnostics.map(({ code }) => code)).toEqual(['literal-secret']);
    expect(reading.literalSecrets['A']).toContain(value);
    expect(reading.source).not.toContain(value);
    const again = readCluster(reading.source ?? '', { file: null, catalog });
    expect(again.diagnostics).toEqual([]);
    expect(again.plan).toEqual(reading.plan);
    expect(again.literalSecrets).toEqual({});
  }
});

test('numbers are taken as they are written', () => {
  expect(readCluster(file('\n    A: 0042\n    B: 12345678901234567890\n    C: true'), { file: null, catalog }).literalSecrets).toEqual({
    A: '0042',
    B: '12345678901234567890',
    C: 'true',
  });
});

test('names alone have no value', () => {
  for (const secrets of [' [A, B]', '\n    A:\n    B: null', '\n    - A\n    - B: ~', '\n    A: ""']) {
    const reading = readCluster(file(secrets), { file: null, catalog });
    expect(reading.diagnostics).toEqual([]);
    expect(reading.literalSecrets).toEqual({});
  }
});

test("a webhook's secret is a declared name or a reference; anything else may be the value and is not repeated", () => {
  const withHook = (secret: string): ReturnType<typeof readCluster> =>
    readCluster(file(' [A]').replace('trigger: api-call', `trigger: { webhook: { secret: "${secret}" } }`), { file: null, catalog });
  expect(withHook('a').plan?.triggers).toMatchObject([{ kind: 'webhook', secret: 'A' }]);
  expect(withHook('${{ secrets.A }}').plan?.triggers).toMatchObject([{ kind: 'webhook', secret: 'A' }]);
  expect(withHook('${{ secrets.OTHER }}').diagnostics).toMatchObject([{ code: 'undeclared-secret', found: 'OTHER' }]);
  const refused = withHook('whsec_kx7').diagnostics;
  expect(refused).toMatchObject([{ severity: 'error', code: 'bad-secret' }]);
  expect(JSON.stringify(refused)).not.toContain('whsec_kx7');
});
