import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Member } from './member-list.ts';
import { decodeMembers, encodeMembers } from './member-list.ts';

const small = fc.nat({ max: 2 });
const member: fc.Arbitrary<Member> = fc.record({
  step: small,
  path: fc.array(small, { maxLength: 3 }),
  origin: fc.constantFrom(-1, 0, 1),
  keyRound: fc.nat({ max: 1 }),
  branch: fc.constantFrom('live', 'failed'),
  attempts: fc.nat({ max: 1 }),
  spent: fc.nat({ max: 1 }),
  isGate: fc.boolean(),
  alone: fc.boolean(),
  begun: fc.boolean(),
  asked: fc.boolean(),
  byHand: fc.constantFrom(null, { kind: 'skip' } as const),
});
const sorted = (members: readonly Member[]): readonly string[] => members.map((one) => JSON.stringify(Object.entries(one).sort())).sort();

it('reads back every member that was written, and no other, whatever their order and whatever tells them apart', () => {
  fc.assert(
    fc.property(fc.uniqueArray(member, { selector: (one) => JSON.stringify(one), maxLength: 60 }), (members) => {
      expect(sorted(decodeMembers(encodeMembers(members)))).toEqual(sorted(members));
    }),
    { numRuns: 500 },
  );
});

it('writes siblings as ranges, also where others stand between them', () => {
  const kind = {
    step: 1,
    origin: -1,
    keyRound: 0,
    branch: 'live',
    attempts: 0,
    spent: 0,
    isGate: false,
    alone: false,
    begun: false,
    asked: false,
    byHand: null,
  } as const;
  const members = [[0, 4], [1, 0], [0, 5], [0, 7]].map((path) => ({ ...kind, path })); // prettier-ignore
  expect(JSON.parse(encodeMembers(members))).toEqual([
    { s: 1, p: [0], r: [[4, 2], [7, 1]] }, // prettier-ignore
    { s: 1, p: [1], r: [[0, 1]] },
  ]);
});
