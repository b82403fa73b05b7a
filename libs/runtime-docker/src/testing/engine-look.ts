import { callEngine } from '@exosphere/testkit';
import { vi } from 'vitest';

/** What `docker inspect` shows of a container, as far as tests name it; the rest is there, too. */
export interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Running: boolean; readonly Pid: number; readonly Status: string };
  readonly Config: { readonly Labels: Readonly<Record<string, string>>; readonly [field: string]: unknown };
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
  readonly Mounts: readonly { readonly Type: string; readonly Name?: string; readonly Destination: string; readonly RW: boolean }[];
}

/** What the engine answers to a question, as JSON. */
export async function engineSays<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
  return JSON.parse((await callEngine({ path, query })).text) as T;
}

/** The containers of this process, in any state. */
export async function ourContainers(owner = `.${process.pid}.`): Promise<readonly Inspected[]> {
  const filters = JSON.stringify({ label: ['exosphere.owner'] });
  const listed = await engineSays<readonly { Id: string; Labels: Record<string, string> }[]>('/containers/json', { all: '1', filters });
  const ours = listed.filter(({ Labels }) => Labels['exosphere.owner']?.includes(owner) === true);
  const found = await Promise.all(ours.map(({ Id }) => callEngine({ path: `/containers/${Id}/json`, expects: [404] })));
  // some went meanwhile
  return found.filter(({ status }) => status === 200).map(({ text }) => JSON.parse(text) as Inspected);
}

/** Waits until so many containers of this process run. */
export async function running(count = 1): Promise<readonly Inspected[]> {
  return vi.waitFor(
    async () => {
      const found = (await ourContainers()).filter(({ State }) => State.Running);
      if (found.length < count) throw new RangeError(`${found.length} of ${count} containers run`);
      return found;
    },
    { timeout: 60_000, interval: 50 },
  );
}

/** Whether this engine says of a container that its memory ran out; not every one does, where the host has the older control groups. */
export async function tellsOfMemory(): Promise<boolean> {
  const body = { Image: 'busybox:stable', Cmd: ['tail', '/dev/zero'], HostConfig: { Memory: 16 * 2 ** 20, MemorySwap: 16 * 2 ** 20 } };
  const { Id } = JSON.parse((await callEngine({ method: 'POST', path: '/containers/create', body })).text) as { Id: string };
  try {
    await callEngine({ method: 'POST', path: `/containers/${Id}/start` });
    await callEngine({ method: 'POST', path: `/containers/${Id}/wait` });
    const { State } = await engineSays<{ State: { OOMKilled: boolean } }>(`/containers/${Id}/json`);
    return State.OOMKilled;
  } finally {
    await callEngine({ method: 'DELETE', path: `/containers/${Id}`, query: { force: '1', v: '1' } });
  }
}
