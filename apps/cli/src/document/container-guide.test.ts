import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readManifest } from '@exosphere/satellite-protocol';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../../..');
const guide = await readFile(join(root, 'docs/guides/satellites-in-containers.md'), 'utf8');

/** Blocks of code below a line that names a file. */
const excerpts = [...guide.matchAll(/^`(examples\/[^`]+)`:\n\n```\w+\n([^]*?)^```$/gm)].map(([, path = '', text = '']) => ({ path, text }));
const runtimes = [...guide.matchAll(/^```yaml\n(runtime:[^]*?)^```$/gm)].map(([, text = '']) => text);

it.each(excerpts)('what the guide shows of $path stands in that file', async ({ path, text }) => {
  expect(await readFile(join(root, path), 'utf8')).toContain(text);
});

it.each(runtimes)('a manifest may have the runtime that the guide shows: %#', (runtime) => {
  const manifest = `manifest: 1\nidentifier: satellite/test/guide\n${runtime}output: { cardinality: one }\n`;
  expect(readManifest(manifest)).toHaveProperty('manifest');
});

it('the guide shows files and runtimes at all', () => {
  expect([excerpts.length, runtimes.length]).toEqual([7, 4]);
});
