import type { Member } from '@exosphere/run-machine';

interface Group {
  dueAt: number;
  readonly tolerance: number;
  readonly members: Member[];
}

/** Members that are put off, grouped so that those of one step due at about the same time share a shard. */
export class DelayedMembers {
  readonly #groups = new Map<number, Group[]>();

  /** Those due within 250 ms, or 5 % of the delay, of one another go together. */
  add(member: Member, dueAt: number, now: number): void {
    const groups = this.#groups.get(member.step) ?? [];
    this.#groups.set(member.step, groups);
    const near = groups.find((group) => Math.abs(group.dueAt - dueAt) <= group.tolerance && group.members.length < 500);
    if (near === undefined) {
      groups.push({ dueAt, tolerance: Math.max(250, (dueAt - now) * 0.05), members: [member] });
      return;
    }
    near.members.push(member);
    near.dueAt = Math.max(near.dueAt, dueAt); // never early
  }

  groups(): readonly { readonly dueAt: number; readonly members: readonly Member[] }[] {
    return [...this.#groups.values()].flat();
  }
}
