import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { indexSatellites } from './satellite-index.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'exosphere-index-'));
});
afterAll(() => rm(root, { recursive: true }));

async function indexed(files: Readonly<Record<string, string>>): Promise<string | undefined> {
  const folder = await mkdtemp(join(root, 'satellites-'));
  await mkdir(join(folder, 'one'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'one', name), text);
  const [found] = await indexSatellites([folder, join(root, 'absent')]);
  return found === undefined ? undefined : `${found.reference}@${found.version}`;
}

const manifest = 'manifest: 1\nidentifier: satellite/test/one\n';

it.each([
  ['from package.json', { 'satellite.yaml': manifest, 'package.json': '{ "version": "1.2.3" }' }, 'satellite/test/one@1.2.3'],
  ['from the manifest, without a package.json', { 'satellite.yaml': `${manifest}version: 2.0.0-rc.1\n` }, 'satellite/test/one@2.0.0-rc.1'],
  ['in quotes', { 'satellite.yaml': `version: '1.0.0' # the first\n${manifest}` }, 'satellite/test/one@1.0.0'],
  [
    'from the manifest, with a package.json that says none',
    { 'satellite.yaml': `${manifest}version: 1.0.0\n`, 'package.json': '{}' },
    'satellite/test/one@1.0.0',
  ],
  ['as 0.0.0 where there is none: its build says so', { 'satellite.yaml': manifest }, 'satellite/test/one@0.0.0'],
  ['as 0.0.0 where it is wrong: its build says so', { 'satellite.yaml': `${manifest}version: first\n` }, 'satellite/test/one@0.0.0'],
  ['of no satellite at all', { 'package.json': '{ "version": "1.2.3" }' }, undefined],
])('the version of a satellite is found %s', async (_, files, expected) => {
  expect(await indexed(files)).toBe(expected);
});
