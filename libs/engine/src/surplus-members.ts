import type { NewShard } from '@exosphere/ports';
import type { Member } from '@exosphere/run-machine';
import { shardOfMembers, shardSize } from './new-shards.ts';

/**
 * Members of small fan-outs for which their worker has no room, gathered by step into shards of a worthwhile size: a thousand lists of
 * ten objects would else be a thousand shards, each with a claim and a commit of its own.
 */
export class SurplusMembers {
  readonly #ofStep = new Map<number, Member[]>();

  add(member: Member): void {
    const members = this.#ofStep.get(member.step) ?? [];
    this.#ofStep.set(member.step, members);
    members.push(member);
  }

  shards(shared: Parameters<typeof shardOfMembers>[0]): readonly NewShard[] {
    const shards: NewShard[] = [];
    for (const members of this.#ofStep.values()) {
      for (let from = 0; from < members.length; from += shardSize) {
        shards.push(shardOfMembers(shared, members.slice(from, from + shardSize), null));
      }
    }
    return shards;
  }
}
