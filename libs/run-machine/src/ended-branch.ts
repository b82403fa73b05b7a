import type { Branch, Path } from '@exosphere/model';
import type { RunControl } from './control.ts';
import { isStoppingAll, survives } from './control.ts';
import type { Gate, Graph, Step } from './graph.ts';
import { stepAt, waitsFor } from './graph.ts';
import { keyRoundFor } from './key-round.ts';
import { emptyTally } from './gate-tally.ts';
import type { Circumstances, GateChange, Seed } from './spread.ts';

/** An end of a branch: the execution below which nothing follows but status steps. */
export interface BranchEnd {
  readonly step: Step;
  readonly path: Path;
  readonly origin: number;
  readonly keyRound: number;
  /** What ended the branch. */
  readonly branch: Branch;
}

interface Walk {
  readonly graph: Graph;
  readonly end: BranchEnd;
  readonly circumstances: Circumstances;
  readonly seeds: Seed[];
  readonly waiting: { readonly gate: Gate; readonly path: Path }[];
  /** Gates of the ended branch whose needs have not been looked at. */
  readonly gates: { readonly gate: Gate; readonly path: Path }[];
}

/**
 * Goes down an ended branch (rule 15): finds the first steps whose `if` calls a status function. Those are decided once per ended branch;
 * what lies between is passed over. Gates of the branch wait for such steps where there are any before them.
 */
export function walkEndedBranch(
  graph: Graph,
  end: BranchEnd,
  circumstances: Circumstances,
): { seeds: readonly Seed[]; gates: readonly GateChange[] } {
  if (!end.step.statusStepBelow || isStoppingAll(circumstances.control)) return { seeds: [], gates: [] };
  const walk: Walk = { graph, end, circumstances, seeds: [], waiting: [], gates: [] };
  passOver(walk, end.step, end.path);
  settleGates(walk);
  return { seeds: walk.seeds, gates: walk.waiting.map(({ gate, path }) => waitingGate(walk, gate, path)) };
}

/** The path of what follows an execution that handed on no object. */
function pathBelow(step: Step, path: Path): Path {
  return step.fans ? [...path, -1] : path;
}

function passOver(walk: Walk, step: Step, path: Path): void {
  const below = pathBelow(step, path);
  for (const index of step.children) {
    const child = stepAt(walk.graph, index);
    if (isDecidedThere(child, walk.circumstances.control)) walk.seeds.push(seed(walk, child, below, false));
    else passOver(walk, child, below);
  }
  for (const gate of step.gatesBelow) walk.gates.push({ gate, path: below });
}

function isDecidedThere(step: Step, control: RunControl): boolean {
  return step.plan.if?.callsStatusFunction === true && survives(step, control);
}

/** Decides which gates of the branch wait, which are due at once, and which are passed over; innermost first. */
function settleGates(walk: Walk): void {
  for (;;) {
    const at = walk.gates.findIndex(
      ({ gate }) => !walk.gates.some((other) => other.gate !== gate && waitsFor(walk.graph, gate, other.gate.step)),
    );
    const [next] = walk.gates.splice(Math.max(at, 0), 1);
    if (next === undefined) return;
    if (openBefore(walk, next.gate, next.path) > 0) {
      walk.waiting.push(next);
      continue;
    }
    const step = stepAt(walk.graph, next.gate.step);
    if (isDecidedThere(step, walk.circumstances.control)) walk.seeds.push(seed(walk, step, next.path, true));
    else passOver(walk, step, next.path);
  }
}

function openBefore(walk: Walk, gate: Gate, path: Path): number {
  const isThere = (step: number, other: Path): boolean => waitsFor(walk.graph, gate, step) && path.every((index, i) => other[i] === index);
  return (
    walk.seeds.filter((one) => isThere(one.step, one.path)).length + walk.waiting.filter((one) => isThere(one.gate.step, one.path)).length
  );
}

function seed(walk: Walk, step: Step, path: Path, isGate: boolean): Seed {
  const { origin, keyRound, branch } = walk.end;
  const round = origin === -1 ? keyRoundFor(step, walk.circumstances.round) : keyRound;
  return { step: step.index, path, fan: null, origin, keyRound: round, branch, isGate };
}

function waitingGate(walk: Walk, gate: Gate, path: Path): GateChange {
  return {
    gate,
    path,
    origin: walk.end.origin,
    keyRound: walk.end.origin === -1 ? 0 : walk.end.keyRound,
    initial: 0,
    open: openBefore(walk, gate, path),
    tally: emptyTally(gate.needs.length),
    branch: walk.end.branch,
    late: 0,
  };
}
