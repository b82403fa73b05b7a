import type { Branch, JsonObject, Path } from '@exosphere/model';
import { InternalError } from '@exosphere/model';

/** What members have in common that can be written as one range. */
export interface MemberKind {
  readonly step: number;
  readonly origin: number;
  readonly keyRound: number;
  readonly branch: Branch;
  /** Attempts that have ended. */
  readonly attempts: number;
  /** Attempts that had ended when this round began: retries count from there. */
  readonly spent: number;
  readonly isGate: boolean;
  /** It is to be called alone: a call that it was part of was lost (rule 38). */
  readonly alone: boolean;
  /** Its attempt has begun: noted for steps that must not be tried again when nobody knows how that went (`on-ambiguous: fail`). */
  readonly begun: boolean;
  /** Its `if` said yes: it is not asked again for a further attempt. */
  readonly asked: boolean;
  /** How somebody settled it by hand; null: nobody did. */
  readonly byHand: ByHand | null;
}

/** A failed item that is settled by hand: with this output, or skipped. */
export type ByHand = { readonly kind: 'output'; readonly objects: readonly JsonObject[] } | { readonly kind: 'skip' };

/** An execution that has not ended, as a shard lists it. */
export interface Member extends MemberKind {
  readonly path: Path;
}

/** The written form; keys are short because a list is written with every commit. Defaults are left out. */
interface Range {
  readonly s: number;
  /** With `r` the path above the last index, else the whole path. */
  readonly p: Path;
  readonly r?: readonly (readonly [number, number])[];
  readonly a?: number;
  readonly q?: number;
  readonly b?: Branch;
  readonly o?: number;
  readonly n?: number;
  readonly g?: 1;
  readonly x?: 1;
  readonly y?: 1;
  readonly z?: 1;
  readonly h?: ByHand;
}

/** Writes a list of members as text, siblings as ranges. */
export function encodeMembers(members: Iterable<Member>): string {
  const groups = new Map<string, Siblings>();
  let before: Siblings | null = null;
  const ranges: Range[] = [];
  for (const member of members) {
    const last = member.path.at(-1);
    if (last === undefined || member.byHand !== null) {
      ranges.push({ ...commonPart(member), p: member.path });
      continue;
    }
    // neighbours are siblings as a rule: it is seen without a key being made
    if (before === null || !areSiblings(before.first, member)) before = siblingsOf(groups, member);
    before.indexes.push(last);
  }
  for (const { first, indexes } of groups.values()) {
    ranges.push({ ...commonPart(first), p: first.path.slice(0, -1), r: toRanges(indexes) });
  }
  return JSON.stringify(ranges);
}

/** Members that differ in the last index of their paths alone. */
interface Siblings {
  readonly first: Member;
  readonly indexes: number[];
}

function siblingsOf(groups: Map<string, Siblings>, member: Member): Siblings {
  const key = groupKey(member);
  const known = groups.get(key);
  if (known !== undefined) return known;
  const siblings = { first: member, indexes: [] };
  groups.set(key, siblings);
  return siblings;
}

/** Whether {@link groupKey} gives the same for both. */
function areSiblings(a: Member, b: Member): boolean {
  const depth = a.path.length - 1;
  if (a.step !== b.step || b.path.length - 1 !== depth) return false;
  for (let i = 0; i < depth; i += 1) if (a.path[i] !== b.path[i]) return false;
  return (
    a.origin === b.origin &&
    a.keyRound === b.keyRound &&
    a.branch === b.branch &&
    a.attempts === b.attempts &&
    a.spent === b.spent &&
    a.isGate === b.isGate &&
    a.alone === b.alone &&
    a.begun === b.begun &&
    a.asked === b.asked
  );
}

/** Reads a list of members back. */
export function decodeMembers(text: string): readonly Member[] {
  const ranges = JSON.parse(text) as readonly Range[]; // written by encodeMembers, or by the ledger in the same form
  return ranges.flatMap((range) => {
    const kind: MemberKind = {
      step: range.s,
      origin: range.o ?? -1,
      keyRound: range.n ?? 0,
      branch: range.b ?? 'live',
      attempts: range.a ?? 0,
      spent: range.q ?? 0,
      isGate: range.g === 1,
      alone: range.x === 1,
      begun: range.y === 1,
      asked: range.z === 1,
      byHand: range.h ?? null,
    };
    if (range.r === undefined) return [{ ...kind, path: range.p }];
    return range.r.flatMap(([from, count]) => Array.from({ length: count }, (_, i) => ({ ...kind, path: [...range.p, from + i] })));
  });
}

/** The written form of members `from` … of one fan-out, without making each of them. */
export function encodeFan(kind: MemberKind, above: Path, from: number, count: number): string {
  if (count < 1) throw new InternalError('a fan-out of no member has no written form');
  return JSON.stringify([{ ...commonPart(kind), p: above, r: [[from, count]] }]);
}

function groupKey(member: Member): string {
  const above = member.path.slice(0, -1).join('.');
  const { step, origin, keyRound, branch, attempts, spent, isGate, alone, begun, asked } = member;
  return `${String(step)}|${above}|${String(origin)}|${String(keyRound)}|${branch}|${String(attempts)}|${String(spent)}|${String(isGate)}|${String(alone)}|${String(begun)}|${String(asked)}`;
}

function commonPart(member: MemberKind): Omit<Range, 'p' | 'r'> {
  return {
    s: member.step,
    ...(member.attempts === 0 ? {} : { a: member.attempts }),
    ...(member.spent === 0 ? {} : { q: member.spent }),
    ...(member.branch === 'live' ? {} : { b: member.branch }),
    ...(member.origin === -1 ? {} : { o: member.origin }),
    ...(member.keyRound === 0 ? {} : { n: member.keyRound }),
    ...(member.isGate ? { g: 1 as const } : {}),
    ...(member.alone ? { x: 1 as const } : {}),
    ...(member.begun ? { y: 1 as const } : {}),
    ...(member.asked ? { z: 1 as const } : {}),
    ...(member.byHand === null ? {} : { h: member.byHand }),
  };
}

function toRanges(indexes: number[]): readonly (readonly [number, number])[] {
  indexes.sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const index of indexes) {
    const last = ranges.at(-1);
    if (last !== undefined && last[0] + last[1] === index) last[1] += 1;
    else ranges.push([index, 1]);
  }
  return ranges;
}
