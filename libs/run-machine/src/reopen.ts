import type { Branch, EndedStatus, Path } from '@exosphere/model';
import { endingTally, gatePath } from './end-execution.ts';
import { walkEndedBranch } from './ended-branch.ts';
import type { Gate, Graph, Step } from './graph.ts';
import { stepAt } from './graph.ts';
import type { Member } from './member-list.ts';
import type { GateChange } from './spread.ts';
import { emptyTally } from './gate-tally.ts';
import { branchBelow } from './branch.ts';

/** A recorded execution, as far as a new round needs it. */
export interface Recorded {
  readonly step: number;
  readonly path: Path;
  readonly origin: number;
  readonly keyRound: number;
  readonly status: EndedStatus;
  readonly branch: Branch;
  readonly attempts: number;
  readonly objects: number;
  readonly note: 'continued' | 'unmet' | 'consequence' | 'condition' | null;
}

export interface GateAt {
  readonly gate: Gate;
  readonly path: Path;
  readonly origin: number;
  readonly keyRound: number;
}

/** What a new round takes back, and what it makes pending again. */
export interface Reopened {
  /** Records that are no longer true. */
  readonly remove: readonly Recorded[];
  readonly removeGates: readonly GateAt[];
  readonly gates: readonly GateChange[];
  readonly members: readonly Member[];
}

/**
 * Opens a new round for the chosen executions (rule 50).
 *
 * Below an execution that ended its branch, everything that was recorded goes as well: skipped joins, clean-ups (rule 58), unmet
 * collects. All of it has ended, so that each chosen execution, and each gate that is asked anew, is one open thing more for the
 * gates behind it. Collects that have fired stay as they are (rule 51).
 *
 * @param chosen failed and cancelled executions, main steps only
 * @param dead every execution on an ended branch, and the failed or cancelled ones of failure chains
 */
export function reopen(graph: Graph, chosen: readonly Recorded[], dead: readonly Recorded[]): Reopened {
  const below = findBelow(graph, chosen, dead);
  const tops = chosen.filter((one) => !below.has(one));
  const gateTops = [...below].filter((one) => stepAt(graph, one.step).gate !== null && isLiveGate(graph, one));
  const remove = [...tops, ...below, ...chainsOf(graph, tops, dead)];
  const opened = [...tops, ...gateTops.filter((one) => !tops.includes(one))];
  const removeGates = remove.flatMap((one) => gatesOfEndedBranch(graph, one));
  const gone = new Set(removeGates.map(gateKey));
  const changes = [...opened.flatMap((one) => openAgain(graph, one)), ...remove.flatMap((one) => untally(graph, one))];
  return {
    remove,
    removeGates,
    gates: changes.filter((change) => !gone.has(gateKey(change))),
    members: tops.filter((one) => stepAt(graph, one.step).gate === null).map(toMember),
  };
}

function gateKey(at: GateAt): string {
  return `${String(at.gate.step)}|${at.path.join('.')}`;
}

/** What was recorded below the chosen executions, because their branch ended there. */
function findBelow(graph: Graph, chosen: readonly Recorded[], dead: readonly Recorded[]): ReadonlySet<Recorded> {
  const below = new Set<Recorded>();
  const candidates = dead.filter((one) => one.origin === -1 && (one.branch === 'failed' || one.branch === 'cancelled'));
  let causes: readonly Recorded[] = chosen;
  while (causes.length > 0) {
    const index = new CauseIndex(causes);
    const found = candidates.filter((one) => !below.has(one) && index.hasCauseOf(stepAt(graph, one.step), one));
    for (const one of found) below.add(one);
    causes = found.filter((one) => stepAt(graph, one.step).gate !== null);
  }
  return below;
}

/** Finds quickly whether one of many causes is an ancestor with a path that begins, or goes on, as another. */
class CauseIndex {
  readonly #prefixes = new Map<string, Set<number>>();
  readonly #paths = new Map<string, Set<number>>();

  constructor(causes: readonly Recorded[]) {
    for (const cause of causes) {
      add(this.#paths, cause.path.join('.'), cause.step);
      for (let length = 0; length <= cause.path.length; length += 1) {
        add(this.#prefixes, cause.path.slice(0, length).join('.'), cause.step);
      }
    }
  }

  hasCauseOf(step: Step, one: Recorded): boolean {
    const isAncestor = (steps: ReadonlySet<number> | undefined): boolean =>
      steps !== undefined && [...steps].some((cause) => step.ancestors.has(cause));
    if (isAncestor(this.#prefixes.get(one.path.join('.')))) return true;
    return one.path.some((_, length) => isAncestor(this.#paths.get(one.path.slice(0, length).join('.'))));
  }
}

function add(index: Map<string, Set<number>>, key: string, step: number): void {
  const known = index.get(key);
  if (known === undefined) index.set(key, new Set([step]));
  else known.add(step);
}

/** A gate at an object that was handed on, so that it is asked anew; on an ended branch it goes with the branch. */
function isLiveGate(graph: Graph, one: Recorded): boolean {
  return !one.path.includes(-1) && stepAt(graph, one.step).gate !== null;
}

/** The chains of the chosen executions, as far as they did not complete; a chain `per: run` in any case. */
function chainsOf(graph: Graph, chosen: readonly Recorded[], dead: readonly Recorded[]): readonly Recorded[] {
  const items = new Set(chosen.map((one) => `${String(one.step)}|${one.path.join('.')}`));
  return dead.filter(
    (one) =>
      one.origin >= 0 &&
      one.status !== 'completed' &&
      (one.origin >= graph.mainCount || items.has(`${String(one.origin)}|${one.path.join('.')}`)),
  );
}

function gatesOfEndedBranch(graph: Graph, one: Recorded): readonly GateAt[] {
  if (one.origin !== -1) return [];
  const step = stepAt(graph, one.step);
  const end = { step, path: one.path, origin: -1, keyRound: one.keyRound, branch: branchBelow(one.branch, one.status) };
  return walkEndedBranch(graph, end, { round: 1, control: 'go' }).gates;
}

function openAgain(graph: Graph, one: Recorded): readonly GateChange[] {
  return stepAt(graph, one.step).gatesBehind.map(({ gate }) => change(one, gate, 1, emptyTally(gate.needs.length)));
}

function untally(graph: Graph, one: Recorded): readonly GateChange[] {
  if (one.origin !== -1) return [];
  const step = stepAt(graph, one.step);
  return step.gatesBehind.map((behind) => {
    const tally = endingTally(behind, {
      step,
      status: one.status,
      branch: one.branch,
      passes: one.status === 'skipped' && one.objects > 0,
      unmet: one.note === 'unmet' || one.note === 'consequence',
      hasChain: one.status === 'failed' && step.startsChain && one.note !== 'consequence',
    });
    return change(
      one,
      behind.gate,
      0,
      tally.map((amount) => -amount),
    );
  });
}

function change(one: Recorded, gate: Gate, open: number, tally: readonly number[]): GateChange {
  const path = gatePath(gate, one.path);
  return { gate, path, origin: -1, keyRound: 0, initial: gate.initial, open, tally, branch: 'live', late: 0 };
}

function toMember(one: Recorded): Member {
  return {
    step: one.step,
    path: one.path,
    origin: one.origin,
    keyRound: one.keyRound,
    branch: one.branch,
    attempts: one.attempts,
    spent: one.attempts,
    isGate: false,
    alone: false,
    begun: false,
    asked: one.attempts > 0,
    byHand: null,
  };
}
