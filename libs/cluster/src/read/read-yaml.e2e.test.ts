import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const reader = fileURLToPath(new URL('./read-yaml.ts', import.meta.url));

/** Reads a text twelve times in a process of its own: what nests too deep kills the process from inside of the yaml package. */
function readInChild(text: string): { status: number | null; problems: unknown } {
  const program = `
    import { readYaml } from ${JSON.stringify(reader)};
    import { readFileSync } from 'node:fs';
    const text = readFileSync(0, 'utf8');
    const all = [];
    for (let i = 0; i < 12; i += 1) all.push(readYaml(text, null).report.diagnostics().map(({ line, column, code }) => line + ':' + column + ' ' + code));
    console.log(JSON.stringify([...new Set(all.map((one) => JSON.stringify(one)))].map((one) => JSON.parse(one))));`;
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8', input: text });
  return { status, problems: stdout === '' ? null : JSON.parse(stdout) };
}

const keys = Array.from({ length: 1_000 }, (_, index) => `${' '.repeat(index)}a:`).join('\n');

test.for<[string, string, string]>([
  ["'[' × 5000", '['.repeat(5_000), '1:65 too-deep'],
  ["'{a: ' × 5000", '{a: '.repeat(5_000), '1:257 too-deep'],
  ["'- ' × 5000", '- '.repeat(5_000), '1:129 too-deep'],
  ["'? ' × 5000", '? '.repeat(5_000), '1:129 too-deep'],
  ['1000 levels of keys', keys, '65:66 too-deep'],
  ['brackets over many lines', '[\n'.repeat(5_000), '65:1 too-deep'],
])('YML-01 %s, twelve times: a diagnostic, and the process lives', ([, text, problem]) => {
  expect(readInChild(text)).toEqual({ status: 0, problems: [[problem]] });
});
