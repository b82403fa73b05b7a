import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { layers } from './layers.ts';

const root = join(import.meta.dirname, '../../..');
const known = new Set(layers.map(({ sourceTag }) => sourceTag));
const packages = globSync('{apps,libs,satellites,tools}/*/package.json', { cwd: root }).sort();

test('there are packages to look at', () => {
  expect(packages.length).toBeGreaterThan(15);
});

test.for(packages)('%s has one layer of the table, and its own tag', (path) => {
  const { nx } = JSON.parse(readFileSync(join(root, path), 'utf8')) as { nx?: { tags?: string[] } };
  const tags = nx?.tags ?? [];
  expect(tags.filter((tag) => tag.startsWith('layer:'))).toHaveLength(1);
  expect(tags.filter((tag) => tag.startsWith('layer:') && !known.has(tag))).toEqual([]);
  expect(tags).toContain(`pkg:${basename(dirname(path))}`);
});
