import type { Member } from '@exosphere/run-machine';
import { decodeMembers } from '@exosphere/run-machine';
import { expect, it } from 'vitest';
import { SurplusMembers } from './surplus-members.ts';

const kind: Omit<Member, 'step' | 'path'> = {
  ...{ origin: -1, keyRound: 0, branch: 'live', attempts: 0, spent: 0 },
  ...{ isGate: false, alone: false, begun: false, asked: false, byHand: null },
};
const steps = [0, 1].map((index) => ({ index, plan: { maxParallel: null } }));
// as much of a run as a shard is made of
const shared = {
  run: { row: { id: 'run', deadline: 0 }, graph: { steps, plan: { identifier: 'p/c' } } },
  clock: { now: () => 0, bytes: (length: number) => new Uint8Array(length) },
  now: 0,
} as unknown as Parameters<SurplusMembers['shards']>[0];

it('makes few shards of many small lists: of one step each, of at most 500 members, none lost', () => {
  const members: readonly Member[] = Array.from({ length: 1_200 }, (_, i) => ({
    ...kind,
    step: i % 120 === 0 ? 0 : 1,
    path: [Math.floor(i / 10), i % 10],
  }));
  const surplus = new SurplusMembers();
  for (const member of members) surplus.add(member);
  const shards = surplus.shards(shared);
  expect(shards.map(({ size }) => size)).toEqual([10, 500, 500, 190]);
  const read = shards.map((shard) => decodeMembers(shard.members));
  expect(read.map((some) => new Set(some.map(({ step }) => step)).size)).toEqual([1, 1, 1, 1]);
  const names = (some: readonly Member[]): readonly string[] => some.map(({ step, path }) => `${step} ${path.join('.')}`).sort();
  expect(names(read.flat())).toEqual(names(members));
});
