import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeEmbedded } from '@exosphere/postgres';
import { createTestDatabase, startReceiver } from '@exosphere/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startModelStandIn } from '../parties/model-stand-in.ts';

const demo = join(import.meta.dirname, 'main.ts');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exosphere-demo-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface DemoResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function runDemo(args: readonly string[], env: Readonly<Record<string, string>>): Promise<DemoResult> {
  return new Promise((resolve) => {
    const all = { ...process.env, ...env, NO_COLOR: '1' };
    execFile(process.execPath, [demo, '--folder', folder, ...args], { env: all }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('npm run demo', () => {
  it('runs the unchanged example on a PostgreSQL of its own, and every party received what it should', async () => {
    try {
      const { code, stdout, stderr } = await runDemo([], { DATABASE_URL: '' });
      expect(stdout, stderr).toContain('Everything is as it should be');
      expect(code).toBe(0);
      expect(stdout).not.toContain('✗');
      expect(stdout).toMatch(/✓ outcome +partial/);
      expect(stdout).toMatch(/✓ webhook calls +24\n/);
      expect(stdout).toMatch(/✓ step delete-file-from-s3 +24 completed\n/);
      expect(stdout).toMatch(/✓ left in aikin-financial-reports +sec\/\S+\.pdf\n/);
      expect(stdout).toMatch(/✓ PagerDuty incidents +1\n/);
      expect(stdout).toMatch(/✓ its text +Cluster aikin\/structured-pdfs failed at \d{4}-.*moved to failure bucket with path s3:\/\//);
      expect(stdout).toMatch(/✓ log delivery +delivered\n/);
      expect(stdout).toMatch(/✓ secret values in any of it +nothing\n/);
    } finally {
      await removeEmbedded(folder);
    }
  });

  it('runs the corrected example, after which nothing is left in the bucket', async () => {
    await using database = await createTestDatabase();
    const { code, stdout, stderr } = await runDemo(['--example', 'structured-pdfs-corrected'], { DATABASE_URL: database.url });
    expect(stdout, stderr).toContain('Everything is as it should be');
    expect(stdout).toMatch(/✓ left in aikin-financial-reports +nothing\n/);
    expect(code).toBe(0);
  });

  it('asks a model of the user, with its key', async () => {
    const keys: string[] = [];
    const standIn = await startModelStandIn({ port: 0 });
    const model = await startReceiver({
      answer: async ({ method, path, headers, body }) => {
        keys.push(headers['authorization'] ?? '');
        const answer = await fetch(`${standIn.url}${path}`, { method, body });
        return { status: answer.status, body: await answer.json() };
      },
    });
    await using database = await createTestDatabase();
    try {
      const args = ['--llm-url', `${model.url}/v1`, '--llm-model', 'mine'];
      const { code, stdout, stderr } = await runDemo(args, { DATABASE_URL: database.url, EXO_DEMO_LLM_KEY: 'the-key-of-the-model' });
      expect(stdout, stderr).toContain('the language model mine');
      expect(code).toBe(0);
      expect(model.requests).toHaveLength(24);
      expect(new Set(keys)).toEqual(new Set(['Bearer the-key-of-the-model']));
      expect(JSON.parse(model.requests[0]?.body ?? '')).toMatchObject({ model: 'mine' });
      expect(stdout).not.toContain('the-key-of-the-model');
    } finally {
      await model.stop();
      await standIn.stop();
    }
  });

  it.each([
    [['--example', 'other'], "There is no example 'other'"],
    [['--llm-url', 'http://127.0.0.1:1'], '--llm-url and --llm-model go together'],
    [['--llm-url', 'nowhere', '--llm-model', 'x'], "--llm-url is 'nowhere'"],
    [['--unknown'], 'Unknown option'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await runDemo(args, {});
    expect(stderr).toContain(message);
    expect(code).not.toBe(0);
  });
});
