import { baseImages, findImage, removeImage, requireImages } from '@exosphere/testkit';
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { busybox } from './busybox.ts';
import { makeImage } from './make-image.ts';
import { node } from './node.ts';
import type { StandIn } from './stand-in.ts';
import { runConfined } from './testing/container.ts';

beforeAll(() => requireImages(baseImages));

const main = join(import.meta.dirname, 'main.ts');
/** The same image under a name that nobody uses. */
const renamed = (standIn: StandIn, name: string): StandIn => {
  onTestFinished(() => removeImage(name));
  return { ...standIn, name: name as StandIn['name'] };
};
const leftFolders = async (): Promise<readonly string[]> => (await readdir(tmpdir())).filter((name) => name.startsWith('exosphere-image-'));

test('an image is made once, and works', async () => {
  const standIn = renamed(busybox, 'exosphere-test-stand-in:busybox');
  expect(await makeImage(standIn)).toMatchObject({ kind: 'made' });
  const first = await findImage(standIn.name);
  expect(await makeImage(standIn)).toEqual({ kind: 'was-there' });
  expect(await findImage(standIn.name)).toEqual(first);
  expect((await runConfined(standIn.name, ['id', '-u'])).output).toBe('65534');
});

test('the image of Node is made of the Node that runs this', async () => {
  const standIn = renamed(node, 'exosphere-test-stand-in:node');
  expect(await makeImage(standIn)).toMatchObject({ kind: 'made' });
  expect((await runConfined(standIn.name, ['node', '--version'])).output).toBe(process.version);
});

test('what must be installed first is said, and nothing is left behind', async () => {
  const before = await leftFolders();
  const needs = [{ name: 'exosphere-no-such-program', debianPackage: 'some-package' }];
  const standIn = renamed({ ...busybox, needs }, 'exosphere-test-stand-in:never');
  await expect(makeImage(standIn)).rejects.toThrow('exosphere-no-such-program is missing: apt-get install some-package');
  const failing = { ...standIn, needs: [], fill: () => Promise.reject(new Error('broke off')) };
  await expect(makeImage(failing)).rejects.toThrow('broke off');
  expect(await findImage(standIn.name)).toBeNull();
  expect(await leftFolders()).toEqual(before);
});

test('the command says a line for each image that is there', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  expect(stdout).toBe(baseImages.map((name) => `${name} is there\n`).join(''));
});

test('without an engine the command says what to install', async () => {
  const env = { ...process.env, DOCKER_HOST: 'unix:///nowhere/docker.sock' };
  await expect(promisify(execFile)(process.execPath, [main], { env })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^No container engine answers at \/nowhere\/docker\.sock: install one \(apt-get install docker\.io\)/),
  });
});
