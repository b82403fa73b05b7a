import type { Catalog, CatalogSatellite } from '@exosphere/cluster';
import { applyEnvironment, readCluster, readEnvironment } from '@exosphere/cluster';
import { isConfigured, readManifest } from '@exosphere/satellite-protocol';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exampleFiles } from './example-files.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

async function manifestOf(folder: string): Promise<CatalogSatellite> {
  const reading = readManifest(await read(`satellites/${folder}/satellite.yaml`));
  if (!('manifest' in reading)) throw new TypeError(`${folder}: ${JSON.stringify(reading.problems)}`);
  const { manifest } = reading;
  if (isConfigured(manifest)) throw new TypeError(`${folder} has no code`);
  return { reference: manifest.identifier, version: '1.0.0', digest: `sha256:${folder}`, manifest };
}

const folders = (await readdir(join(root, 'satellites'), { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const satellites = await Promise.all(folders.map(manifestOf));

const byReference = new Map(satellites.map((satellite) => [satellite.reference, satellite]));
const catalog: Catalog = {
  satellite: (reference) => byReference.get(reference) ?? 'unknown',
  cluster: () => 'unknown',
  names: () => [...byReference.keys()],
};

function check(text: string) {
  return readCluster(text, { file: 'cluster.yml', catalog });
}

describe('the satellites', () => {
  it.each(folders)('%s is named like its folder', (folder) => {
    expect(satellites.find(({ reference }) => reference === `satellite/exospherehost/${folder}`)).toBeDefined();
  });
});

describe('the example structured-pdfs', () => {
  it('is the document, word for word', async () => {
    const digest = createHash('sha256')
      .update(await read('examples/structured-pdfs/cluster.yml'))
      .digest('hex');
    expect(digest).toBe('0ce345087e43de6d2fc7606127420d5a30bd3237984f338b5778a314cdc426b6');
  });

  it('gives the warnings that it must give, and fits the satellites', async () => {
    const { diagnostics, plan } = check(await read('examples/structured-pdfs/cluster.yml'));
    expect(diagnostics.map(({ severity, code }) => `${severity} ${code}`).sort()).toEqual([
      'warning literal-secret',
      'warning undeclared-secret',
      'warning undeclared-secret',
    ]);
    expect(plan?.steps.map(({ identifier, satellite }) => `${identifier} ${satellite.cardinality}`)).toEqual([
      'get-files-from-s3 many',
      'parse-pdf-with-docling one',
      'deepseek-r1-distrill-llama-70b one',
      'call-webhook one',
      'delete-file-from-s3 one',
    ]);
  });
});

describe('the example structured-pdfs-corrected', () => {
  it('is the document with the origin bucket of the failure chain corrected', async () => {
    const wrong = '          origin-bucket: aikin-financial-reports-failure\n';
    const original = await read('examples/structured-pdfs/cluster.yml');
    expect(original.split(wrong)).toHaveLength(2);
    expect(await read('examples/structured-pdfs-corrected/cluster.yml')).toBe(
      original.replace(wrong, '          origin-bucket: aikin-financial-reports\n'),
    );
  });
});

describe.each(['structured-pdfs', 'structured-pdfs-corrected'])('the environment of %s', (example) => {
  it('lets satellites that need no container stand in, and has every secret', async () => {
    const { plan } = check(await read(`examples/${example}/cluster.yml`));
    const { diagnostics, environment } = readEnvironment(await read(`examples/${example}/environments/local.yml`), { file: 'local.yml' });
    expect(diagnostics).toEqual([]);
    const applied = applyEnvironment(plan!, environment!, { catalog, file: 'local.yml' });
    expect(applied.diagnostics).toEqual([]);
    expect(applied.substitutions.map(({ step, substitute }) => `${step}: ${substitute.reference}`)).toEqual([
      'parse-pdf-with-docling: satellite/exospherehost/parse-pdf',
      'deepseek-r1-distrill-llama-70b: satellite/exospherehost/chat-completion',
    ]);
    const granted = [...plan!.steps, ...plan!.logs, ...plan!.failure!.steps].flatMap(({ grants }) => grants);
    expect(Object.keys(environment!.secrets)).toEqual(expect.arrayContaining([...new Set(granted)]));
  });
});

describe('what is computed of the examples', () => {
  it('is as `npm run write-examples -w tools/demo` writes it', async () => {
    for (const [path, text] of await exampleFiles()) expect(await read(`examples/${path}`), path).toBe(text);
  });
});
