import { expect, onTestFinished, test } from 'vitest';
import { followEngine } from './engine-api.ts';
import { findImage, removeImage } from './image-calls.ts';
import { requireImages } from './required-images.ts';
import { registryAuth, startTestRegistry } from './test-registry.ts';
import type { RegistryLogin } from './test-registry.ts';

const login = { user: 'anna', password: 'correct: horse' };

async function pull(reference: string, as?: RegistryLogin): Promise<void> {
  const headers = as === undefined ? {} : { 'x-registry-auth': registryAuth(as) };
  await followEngine({ method: 'POST', path: '/images/create', query: { fromImage: reference }, headers });
  onTestFinished(() => removeImage(reference));
}

test('images that are there are enough; one that is missing is named, with how to get it', async () => {
  await requireImages(['busybox:stable']);
  const missing = 'exosphere-nobody-has-this:1';
  // @ts-expect-error: only base images may be asked for
  await expect(requireImages(['busybox:stable', missing])).rejects.toThrow(
    /^The container engine lacks exosphere-nobody-has-this:1: make what is missing with `npm run images`/,
  );
});

test('an image that was pushed is pulled by its digest', async () => {
  await using registry = await startTestRegistry();
  const reference = await registry.push('busybox:stable', 'tests/busybox');
  expect(reference).toMatch(/^127\.0\.0\.1:\d+\/tests\/busybox@sha256:[0-9a-f]{64}$/);
  expect(await findImage(reference)).toBeNull();
  await pull(reference);
  expect((await findImage(reference))?.id).toBe((await findImage('busybox:stable'))?.id);
});

test('an image that is missing cannot be pushed', async () => {
  await using registry = await startTestRegistry();
  await expect(registry.push('exosphere-nobody-has-this:1', 'tests/none')).rejects.toThrow(/No such image/);
});

test('a registry with a login refuses who has none or a wrong one', async () => {
  await using registry = await startTestRegistry({ login });
  const reference = await registry.push('busybox:stable', 'tests/private');
  await expect(pull(reference)).rejects.toThrow(/no basic auth credentials|unauthorized/);
  await expect(pull(reference, { ...login, password: 'wrong' })).rejects.toThrow(/unauthorized/);
  expect(await findImage(reference)).toBeNull();
  await pull(reference, login);
  expect(await findImage(reference)).not.toBeNull();
});

test('a registry that has stopped is gone, and two run beside each other', async () => {
  const first = await startTestRegistry();
  await using second = await startTestRegistry();
  expect(second.address).not.toBe(first.address);
  expect((await fetch(`http://${first.address}/v2/`)).status).toBe(200);
  await first.stop();
  await expect(fetch(`http://${first.address}/v2/`)).rejects.toThrow();
  expect((await fetch(`http://${second.address}/v2/`)).status).toBe(200);
});
