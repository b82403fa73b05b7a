import { baseImages, buildImage, removeImage, requireImages } from '@exosphere/testkit';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { runConfined } from './testing/container.ts';

beforeAll(() => requireImages(baseImages));

/** Builds files as an image, with no option of the build but its name. Gives the name and what the build printed. */
async function build(files: Readonly<Record<string, string>>): Promise<readonly [string, string]> {
  const folder = await mkdtemp(join(tmpdir(), 'exosphere-build-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const tar = spawn('tar', ['--create', '--directory', folder, '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const name = `exosphere-test:${randomBytes(6).toString('hex')}`;
  const printed = await buildImage(name, tar.stdout, { nocache: '1' });
  onTestFinished(() => removeImage(name));
  return [name, printed];
}

test.for([
  ['busybox:stable', 'echo it works | grep -c works', /^1$/],
  ['node:24-bookworm-slim', 'node --version', /^v24\./],
  ['node:24-bookworm-slim', 'npm --version', /^\d+\./],
  ['python:3.11-slim-bookworm', 'python --version', /^Python 3\.11\./],
  ['python:3.11-slim-bookworm', 'pip --version', /^pip .*\(python 3\.11\)$/],
] as const)('in %s, for a user who is not root: %s', async ([image, command, expected]) => {
  const { exitCode, output } = await runConfined(image, ['sh', '-c', command]);
  expect(output).toMatch(expected);
  expect(exitCode).toBe(0);
});

test.for(baseImages)('%s runs as nobody, writes to /tmp and cannot write to its root', async (image) => {
  const script = 'id -u && id -un && echo kept > /tmp/file && cat /tmp/file && ! touch /file 2>/dev/null && echo refused';
  expect(await runConfined(image, ['sh', '-c', script])).toEqual({ exitCode: 0, output: '65534\nnobody\nkept\nrefused' });
});

test('Node in its image runs TypeScript as it is', async () => {
  const { output } = await runConfined('node:24-bookworm-slim', [
    'sh',
    '-c',
    'echo "const n: number = 6 * 7; process.stdout.write(String(n))" > /tmp/a.ts && node /tmp/a.ts',
  ]);
  expect(output).toBe('42');
});

test('Python in its image has the parts that programs expect of it', async () => {
  const program = 'import bz2, ctypes, lzma, sqlite3, ssl, zoneinfo; print(zoneinfo.ZoneInfo("Europe/Berlin"))';
  expect(await runConfined('python:3.11-slim-bookworm', ['python', '-c', program])).toEqual({ exitCode: 0, output: 'Europe/Berlin' });
});

test('a build installs a package of PyPI, for everyone who runs its image', async () => {
  const [name] = await build({ Dockerfile: 'FROM python:3.11-slim-bookworm\nRUN pip install --no-cache-dir six==1.17.0\n' });
  expect(await runConfined(name, ['python', '-c', 'import six; print(six.__version__)'])).toEqual({ exitCode: 0, output: '1.17.0' });
});

test('a build installs a package of npm, for everyone who runs its image', async () => {
  const [name] = await build({
    Dockerfile:
      'FROM node:24-bookworm-slim\nWORKDIR /app\nCOPY package.json ./\nRUN npm install --no-audit --no-fund\nCMD ["node", "-p", "require(\'ms\')(60000)"]\n',
    'package.json': '{ "private": true, "dependencies": { "ms": "2.1.3" } }',
  });
  const { output } = await runConfined(name, ['node', '-p', 'require("ms")(60000)']);
  expect(output).toBe('1m');
});

test('a build that fails says what the failing command printed', async () => {
  await expect(build({ Dockerfile: 'FROM busybox:stable\nRUN echo why it failed && exit 3\n' })).rejects.toThrow(
    /code: 3[^]*why it failed/,
  );
});
