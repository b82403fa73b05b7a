import { callEngine, requireImages } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Engine } from '../engine/engine.ts';
import type { DockerWorld } from '../testing/docker-world.ts';
import { callOpen, createDockerWorld, engineSocket, leftOvers, objectsOf } from '../testing/docker-world.ts';
import { running } from '../testing/engine-look.ts';
import { answersOne, shellWorker } from '../testing/shell-worker.ts';
import { thisProcess } from './owner.ts';
import { ownerLabel, sweep } from './sweep.ts';

const owner = thisProcess();
/** A process of this boot and namespace that cannot be: its number is too high. */
const deadOwner = owner.id.replace(/\.\d+\.\d+$/, '.999999999.1');

describe('the sweep', () => {
  const engine = new Engine(engineSocket);
  let world: DockerWorld;
  beforeAll(async () => {
    await requireImages(['busybox:stable']);
    world = await createDockerWorld();
  });
  afterAll(async () => {
    await world.close();
    expect(await leftOvers()).toEqual([]);
  });

  async function container(name: string, labels: Record<string, string>, more: object = {}): Promise<void> {
    const body = { Image: 'busybox:stable', Cmd: ['sleep', '1000'], Labels: labels, ...more };
    await callEngine({ method: 'POST', path: '/containers/create', query: { name }, body });
  }

  async function exists(kind: 'containers' | 'volumes' | 'networks', name: string): Promise<boolean> {
    const path = kind === 'containers' ? `/containers/${name}/json` : `/${kind}/${name}`;
    return (await callEngine({ path, expects: [404] })).status === 200;
  }

  const swept = (more: Partial<Parameters<typeof sweep>[0]> = {}): Promise<number> =>
    sweep({ engine, owner, homes: world.homes, now: Date.now(), leaveServers: false, ...more });

  it('takes containers, volumes and networks of a dead worker, whatever state they are in, and leaves those of others', async () => {
    const name = `exo-swept-${process.pid}`;
    const dead = { [ownerLabel]: deadOwner };
    await container(`${name}-created`, dead);
    await container(`${name}-running`, dead);
    await callEngine({ method: 'POST', path: `/containers/${name}-running/start` });
    await container(`${name}-theirs`, { 'exosphere.kind': 'once' });
    await callEngine({ method: 'POST', path: '/volumes/create', body: { Name: name, Labels: dead } });
    await callEngine({ method: 'POST', path: '/networks/create', body: { Name: name, Labels: dead } });
    await swept();
    expect(await Promise.all(['created', 'running', 'theirs'].map((one) => exists('containers', `${name}-${one}`)))).toEqual([
      false,
      false,
      true,
    ]);
    expect([await exists('volumes', name), await exists('networks', name)]).toEqual([false, false]);
    await callEngine({ method: 'DELETE', path: `/containers/${name}-theirs` });
  });

  it('goes on where something cannot be removed, and says so', async () => {
    const name = `exo-stuck-${process.pid}`;
    const dead = { [ownerLabel]: deadOwner };
    await callEngine({ method: 'POST', path: '/volumes/create', body: { Name: name, Labels: dead } });
    await callEngine({ method: 'POST', path: '/volumes/create', body: { Name: `${name}-free`, Labels: dead } });
    await container(`${name}-user`, {}, { HostConfig: { Binds: [`${name}:/v`] } });
    await swept();
    expect([await exists('volumes', name), await exists('volumes', `${name}-free`)]).toEqual([true, false]);
    await callEngine({ method: 'DELETE', path: `/containers/${name}-user` });
    await swept();
    expect(await exists('volumes', name)).toBe(false);
  });

  it('leaves what another runtime of this process has, also when that one is closed', async () => {
    const satellite = await world.open(shellWorker(answersOne), {}, { mode: 'worker' });
    await callOpen(satellite);
    const before = (await running()).map(({ Id }) => Id);
    const other = await createDockerWorld({ homes: world.homes, limits: { sweepMs: 50 } });
    await other.runtime.ready();
    await other.call('echo {}');
    await other.close();
    expect((await running()).map(({ Id }) => Id)).toEqual(before);
    expect(objectsOf((await callOpen(satellite)).replies[0])).toEqual([{ a: 1 }]);
    await satellite.close();
  });

  it('takes what this process could not remove', async () => {
    const name = `exo-ours-${process.pid}`;
    await container(name, { [ownerLabel]: owner.id });
    const other = await createDockerWorld({ limits: { sweepMs: 50 } });
    await other.runtime.ready();
    await vi.waitFor(async () => expect(await exists('containers', name)).toBe(false));
    await other.close();
  });
});
