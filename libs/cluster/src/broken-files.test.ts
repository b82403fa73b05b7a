import { readFileSync, readdirSync } from 'node:fs';
import type { Diagnostic } from '@exosphere/model';
import { describe, expect, test } from 'vitest';
import { readCluster } from './index.ts';
import { catalog } from './testing/catalog.ts';

const folder = new URL('../testdata/broken/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.yml'));

function lines({ severity, code, at, line, column, message, found, hint, impliedBy }: Diagnostic): string {
  const particulars = Object.entries({ found, hint, impliedBy }).filter(([, value]) => value !== undefined);
  const said = particulars.map(([name, value]) => `    ${name}: ${JSON.stringify(value)}\n`).join('');
  return `${line}:${column} ${severity} ${code} at ${at === '' ? '(file)' : at}\n    ${message}\n${said}`;
}

describe('of a broken file every problem is reported at once, with its place and what to do', () => {
  test.for(names)('%s', async (name) => {
    const { diagnostics, plan } = readCluster(readFileSync(new URL(name, folder), 'utf8'), { file: name, catalog });
    expect(diagnostics).not.toEqual([]);
    expect(plan === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
    await expect(diagnostics.map(lines).join('')).toMatchFileSnapshot(`../testdata/broken/${name.replace(/\.yml$/, '.txt')}`);
  });
});

test('there are at least forty broken files', () => {
  expect(names.length).toBeGreaterThanOrEqual(40);
});
