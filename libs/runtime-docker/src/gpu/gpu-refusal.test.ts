import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { deviceRequests } from './device-requests.ts';
import { gpuRefusal } from './gpu-refusal.ts';
import type { RecordedEngine } from './testing/recorded-engine.ts';
import { readRecording, startRecordedEngine } from './testing/recorded-engine.ts';

interface Refusal {
  readonly name: string;
  readonly from: string;
  readonly said: string;
  /** A part of the reason; null: it is about something else. */
  readonly reason: string | null;
}

const refusals = JSON.parse(
  await readFile(join(import.meta.dirname, '../../testdata/engine-api/refusals.json'), 'utf8'),
) as readonly Refusal[]; // as it is written there

describe('what an engine says is a reason to wait for a GPU', () => {
  it.each(refusals.filter(({ reason }) => reason !== null))('where there is $name', ({ said, reason }) => {
    expect(gpuRefusal(said)).toContain(reason);
    expect(gpuRefusal(said)).toMatch(/^no GPU on this host: .*; .+$/);
    expect(gpuRefusal({ statusCode: 500, reason: 'server error', json: { message: said } })).toBe(gpuRefusal(said));
    expect(gpuRefusal(Object.assign(new Error('The container engine could not start a container'), { reason: said }))).toBe(
      gpuRefusal(said),
    );
  });

  it.each(refusals.filter(({ reason }) => reason === null))('but not where there is $name', ({ said }) => {
    expect(gpuRefusal(new Error(said))).toBeNull();
  });

  it.each([[null], [undefined], [5], [{}], [{ message: 5 }]])('and not where it is %j', (error) => {
    expect(gpuRefusal(error)).toBeNull();
  });
});

const cards = ['GPU-6f1e0c1a-7c3e-4d52-9b39-0d8f6a7f1b11'];
const needs = { count: 1, driver: 'nvidia', capabilities: ['gpu'], minMemoryBytes: null, deviceIds: null, options: {} };

describe('a recorded engine', () => {
  let engine: RecordedEngine;
  afterEach(() => engine.close());

  async function create(name: string, changes: { readonly Runtime?: string } = {}): Promise<string> {
    engine = await startRecordedEngine(await readRecording(name));
    const DeviceRequests = deviceRequests(needs, cards);
    const HostConfig = { NetworkMode: 'none', DeviceRequests, ...changes };
    const { id } = await engine.docker.createContainer({ Image: 'busybox:stable', Cmd: ['true'], HostConfig });
    return id;
  }

  async function refusalOf(act: Promise<unknown>): Promise<string | null> {
    return act.then(
      () => 'it was not refused',
      (error: unknown) => gpuRefusal(error),
    );
  }

  it.each([
    ['no-device-driver', /could not select device driver "nvidia" .*NVIDIA Container Toolkit/],
    ['driver-not-loaded', /'nvidia-container-cli: initialization error: nvml error: driver not loaded'/],
  ])('that has no GPU (%s) takes the container, refuses to start it, and keeps what was asked for', async (name, reason) => {
    const container = containerOf(await create(name));
    expect(await refusalOf(container.start())).toMatch(reason);
    const { State, HostConfig } = await container.inspect();
    expect(gpuRefusal(State.Error)).toMatch(reason);
    expect(HostConfig.DeviceRequests).toEqual(deviceRequests(needs, cards));
    await container.remove({ force: true, v: true });
    expect(engine.deviations()).toEqual([]);
  });

  it('that has a driver starts the container', async () => {
    const container = containerOf(await create('started'));
    await container.start();
    expect((await container.inspect()).HostConfig.DeviceRequests).toEqual(deviceRequests(needs, cards));
    await container.remove({ force: true, v: true });
    expect(engine.deviations()).toEqual([]);
  });

  it('that has no runtime of a name refuses to create the container', async () => {
    expect(await refusalOf(create('unknown-runtime', { Runtime: 'nvidia' }))).toContain('Unknown runtime specified nvidia');
    expect(engine.deviations()).toEqual([]);
  });

  it('would refuse a number beside ids, which is never sent', async () => {
    const { exchanges } = await readRecording('count-beside-ids');
    expect(exchanges[1]?.response.body).toEqual({ message: 'cannot set both Count and DeviceIDs on device request' });
    await expect(create('count-beside-ids')).rejects.toThrow('this was not recorded');
    expect(engine.deviations()[0]).toContain('"Count":0');
  });

  function containerOf(id: string): ReturnType<RecordedEngine['docker']['getContainer']> {
    return engine.docker.getContainer(id);
  }
});
