import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, requireImages } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const demo = join(import.meta.dirname, 'main.ts');
const minutes = 60_000;

describe('npm run demo -- --containers', () => {
  let folder: string;
  beforeAll(async () => {
    await requireImages(['node:24-bookworm-slim', 'python:3.11-slim-bookworm']);
    folder = await mkdtemp(join(tmpdir(), 'exosphere-demo-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const run = async (...args: readonly string[]): Promise<string> => {
    await using database = await createTestDatabase();
    const env = { ...process.env, DATABASE_URL: database.url, NO_COLOR: '1' };
    return await new Promise((resolve) => {
      execFile(process.execPath, [demo, '--folder', folder, '--containers', ...args], { env }, (_error, stdout, stderr) => {
        resolve(`${stdout}\n${stderr}`);
      });
    });
  };

  it(
    'runs the unchanged example with no satellite substituted: all reports through Docling, and every party received what it should',
    async () => {
      const told = await run();
      expect(told).toContain('Everything is as it should be');
      expect(told).toMatch(/✓ webhook bodies as in the PDFs +24\n/);
      expect(told).toMatch(/✓ step parse-pdf-with-docling +24 completed, 1 failed\n/);
    },
    10 * minutes,
  );

  it(
    'takes JSON of a real language model, which always fits the schema',
    async () => {
      const told = await run('--local-model', '--reports', '3');
      expect(told).toContain('Everything is as it should be');
      expect(told).toMatch(/✓ webhook calls +2\n/);
      expect(told).toMatch(/✓ step deepseek-r1-distrill-llama-70b +2 completed\n/);
    },
    10 * minutes,
  );
});
