import type { Path } from '@exosphere/model';
import { branchBelow } from './branch.ts';
import { isCancelling } from './control.ts';
import { walkEndedBranch } from './ended-branch.ts';
import { addToTally, emptyTally } from './gate-tally.ts';
import type { Gate, GateBehind, Graph } from './graph.ts';
import { stepAt } from './graph.ts';
import { keyRoundFor } from './key-round.ts';
import type { Circumstances, Ending, GateChange, Seed, Spread } from './spread.ts';

type TalliedEnding = Pick<Ending, 'step' | 'status' | 'branch' | 'passes' | 'unmet'> & { readonly hasChain: boolean };

/** What follows when an execution ends, or hands on a part of its list: seeds of executions to come, and changes to gates. */
export function endExecution(graph: Graph, ending: Ending, circumstances: Circumstances): Spread {
  const handsOn = ending.branch === 'live' && (ending.status === 'completed' || ending.passes);
  const seeds = handsOn ? followers(graph, ending, circumstances) : [];
  const ended =
    handsOn || !ending.final
      ? { seeds: [], gates: [] }
      : walkEndedBranch(graph, { ...ending, branch: branchBelow(ending.branch, ending.status) }, circumstances);
  const chain = ending.final && startsChain(ending, circumstances) ? chainSeeds(graph, ending, circumstances) : [];
  const after: After = { below: handsOn ? ending.count : 0, hasChain: chain.length > 0, ended };
  const gates = ending.step.gatesBehind.map((behind) => changeOf(graph, behind, ending, after));
  return {
    seeds: [...seeds, ...ended.seeds, ...chain],
    gates: [...gates, ...ended.gates],
    endedWell: ending.final && endedWell(ending),
  };
}

/** The path of the gate's instance that an execution belongs to. */
export function gatePath(gate: Gate, path: Path): Path {
  return gate.depth === null || gate.depth === path.length ? path : path.slice(0, gate.depth);
}

function followers(graph: Graph, ending: Ending, circumstances: Circumstances): readonly Seed[] {
  const { step, path, origin, from, count } = ending;
  if (count === 0) return [];
  const fan = step.fans ? { from, count } : null;
  return step.children.map((index) => {
    const child = stepAt(graph, index);
    const keyRound = origin === -1 ? keyRoundFor(child, circumstances.round) : ending.keyRound;
    return { step: index, path, fan, origin, keyRound, branch: 'live', isGate: false };
  });
}

function startsChain(ending: Ending, circumstances: Circumstances): boolean {
  return ending.status === 'failed' && ending.step.startsChain && !ending.consequence && !isCancelling(circumstances.control);
}

function chainSeeds(graph: Graph, ending: Ending, circumstances: Circumstances): readonly Seed[] {
  const keyRound = circumstances.round - 1;
  return graph.chainRoots.map((step) => ({
    step,
    path: ending.path,
    fan: null,
    origin: ending.step.index,
    keyRound,
    branch: 'live',
    isGate: false,
  }));
}

/** What comes after an execution that ended. */
interface After {
  /** Objects that it hands on. */
  readonly below: number;
  readonly hasChain: boolean;
  /** What is still to do on its ended branch. */
  readonly ended: { readonly seeds: readonly Seed[]; readonly gates: readonly GateChange[] };
}

function changeOf(graph: Graph, behind: GateBehind, ending: Ending, { below, hasChain, ended }: After): GateChange {
  const { gate } = behind;
  const path = gatePath(gate, ending.path);
  const isBefore = (step: number): boolean => stepAt(graph, step).gatesBehind.some((other) => other.gate === gate);
  const stillOpen =
    ended.seeds.filter((seed) => isBefore(seed.step)).length + ended.gates.filter((change) => isBefore(change.gate.step)).length;
  const tally = ending.final ? endingTally(behind, { ...ending, hasChain }) : emptyTally(gate.needs.length);
  const late = ending.final && behind.isNeed >= 0 && ending.status === 'completed' && ending.branch === 'live' ? 1 : 0;
  return {
    gate,
    path,
    origin: ending.origin,
    keyRound: ending.origin === -1 ? 0 : ending.keyRound,
    initial: gate.initial,
    open: (ending.final ? -1 : 0) + below * behind.following + stillOpen,
    tally,
    branch: 'live',
    late,
  };
}

/** What a gate remembers of one execution that ended. */
export function endingTally(behind: GateBehind, ending: TalliedEnding): readonly number[] {
  const tally = emptyTally(behind.gate.needs.length);
  const { status, branch, passes } = ending;
  if (behind.isNeed >= 0 && (status === 'completed' || passes)) {
    addToTally(tally, behind.isNeed, 'done', 1);
    if (branch === 'live') addToTally(tally, behind.isNeed, 'good', 1);
  }
  for (const need of behind.leadsTo) {
    // an unmet collect is no failure of its own: those behind it have been counted (rule 21)
    if (status === 'failed' && !ending.unmet && (branch === 'live' || branch === 'skipped')) addToTally(tally, need, 'bad', 1);
    if (status === 'failed' && ending.hasChain) addToTally(tally, need, 'handled', 1);
    if (status === 'skipped' && !passes && behind.once) addToTally(tally, need, 'skipped', 1);
    if (status === 'cancelled') addToTally(tally, need, 'cancelled', 1);
  }
  return tally;
}

function endedWell(ending: Ending): boolean {
  if (ending.branch !== 'live' || ending.step.inChain) return false;
  if (ending.status === 'completed') return ending.step.isLast || ending.total === 0;
  return ending.status === 'skipped' && (ending.passes ? ending.step.isLast : ending.byCondition);
}
