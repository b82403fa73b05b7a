import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { engineAddress, engineAnswers } from './engine-api.ts';

test.for([
  [undefined, { socketPath: '/var/run/docker.sock' }],
  ['unix:///run/user/1000/podman.sock', { socketPath: '/run/user/1000/podman.sock' }],
  ['tcp://10.0.0.7:2376', { hostname: '10.0.0.7', port: '2376' }],
  ['tcp://10.0.0.7', { hostname: '10.0.0.7', port: 2375 }],
] as const)('DOCKER_HOST %s is looked for at %o', ([dockerHost, address]) => {
  expect(engineAddress(dockerHost)).toEqual(address);
});

test('an engine that answers is found, and one that has stopped is not', async () => {
  const server = createServer((_, response) => response.end('OK'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const host = `tcp://127.0.0.1:${String(port)}`;
  expect(await engineAnswers(host)).toBe(true);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await engineAnswers(host)).toBe(false);
});
