import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { missingForContainers } from './container-needs.ts';

/** An engine that answers, and has only the image of busybox. */
async function startEmptyEngine(): Promise<void> {
  const server = createServer(({ url = '' }, response) => {
    if (url === '/_ping') return response.end('OK');
    if (url.includes('busybox:stable')) return response.end('{ "Id": "sha256:1", "Size": 1 }');
    return response.writeHead(404).end('{ "message": "no such image" }');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  useEngine(`tcp://127.0.0.1:${String(port)}`);
}

function useEngine(address: string): void {
  vi.stubEnv('DOCKER_HOST', address);
  onTestFinished(() => void vi.unstubAllEnvs());
}

test('without an engine, container tests say how to get one', async () => {
  useEngine('unix:///nowhere/docker.sock');
  expect(await missingForContainers()).toEqual({
    why: 'no container engine answers',
    get: 'install Docker or Podman and start it, or set DOCKER_HOST to one that answers',
  });
});

test('with an engine that lacks images, container tests name them and say how to get them', async () => {
  await startEmptyEngine();
  const missing = await missingForContainers();
  expect(missing?.why).toBe('the engine lacks node:24-bookworm-slim, python:3.11-slim-bookworm');
  expect(missing?.get).toContain('npm run images');
});
