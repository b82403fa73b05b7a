import { engineAddress, requireImages } from '@exosphere/testkit';
import Docker from 'dockerode';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { deviceRequests } from './device-requests.ts';
import { gpuRefusal } from './gpu-refusal.ts';

/*
 * A real engine, for everything short of the card itself: no host has a card of this name, so each refuses to start the container, with
 * a driver or without.
 */

const docker = new Docker(engineAddress(process.env['DOCKER_HOST']) as Docker.DockerOptions); // socket or host and port, as both name them
const cards = ['GPU-00000000-0000-0000-0000-000000000000'];
const needs = { count: 1, driver: 'nvidia', capabilities: ['gpu', 'utility'], minMemoryBytes: null, deviceIds: null, options: { a: 'b' } };

let made: Docker.Container | null = null;
beforeAll(() => requireImages(['busybox:stable']));
afterEach(async () => {
  await made?.remove({ force: true, v: true });
  made = null;
});

async function create(HostConfig: object): Promise<Docker.Container> {
  made = await docker.createContainer({ Image: 'busybox:stable', Cmd: ['true'], HostConfig: { NetworkMode: 'none', ...HostConfig } });
  return made;
}

it('an engine takes a container with a request for cards, and shows it as it was sent', async () => {
  const asked = deviceRequests(needs, cards);
  const container = await create({ DeviceRequests: asked });
  const { HostConfig, State } = await container.inspect();
  expect(HostConfig.DeviceRequests).toEqual(asked);
  expect(State.Status).toBe('created');
});

it('an engine without these cards refuses to start it, in words that are known', async () => {
  const container = await create({ DeviceRequests: deviceRequests(needs, cards) });
  const error: unknown = await container.start().catch((one: unknown) => one);
  expect(gpuRefusal(error), String(error)).toMatch(/^no GPU on this host: the container engine says '.+'; .+/);
  const { State } = await container.inspect();
  expect(State.Running).toBe(false);
  expect(gpuRefusal(State.Error)).toBe(gpuRefusal(error));
});

it('an engine that refuses a container for something else gives no reason to wait for a GPU', async () => {
  made = await docker.createContainer({ Image: 'busybox:stable', Cmd: ['/no-such-program'], HostConfig: { NetworkMode: 'none' } });
  const error: unknown = await made.start().catch((one: unknown) => one);
  expect(String(error)).toContain('no-such-program');
  expect(gpuRefusal(error)).toBeNull();
});
