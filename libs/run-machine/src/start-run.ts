import { emptyTally } from './gate-tally.ts';
import type { Gate, Graph } from './graph.ts';
import { stepAt } from './graph.ts';
import { keyRoundFor } from './key-round.ts';
import type { GateChange, Seed } from './spread.ts';

/** What a run begins with: its roots once per item of the trigger, and the gates whose scope is the run. */
export function startRun(graph: Graph, items: number): { readonly seeds: readonly Seed[]; readonly gates: readonly GateChange[] } {
  const seeds = graph.roots.map((index): Seed => {
    const keyRound = keyRoundFor(stepAt(graph, index), 1);
    return { step: index, path: [], fan: { from: 0, count: items }, origin: -1, keyRound, branch: 'live', isGate: false };
  });
  return { seeds: items === 0 ? [] : seeds, gates: graph.runGates.map((gate) => runGate(graph, gate, items)) };
}

function runGate(graph: Graph, gate: Gate, items: number): GateChange {
  const isBefore = (step: number): boolean => stepAt(graph, step).gatesBehind.some((behind) => behind.gate === gate);
  const perItem = graph.roots.filter(isBefore).length + graph.triggerGates.filter((other) => isBefore(other.step)).length;
  const perRun = graph.runGates.filter((other) => other.step >= 0 && isBefore(other.step)).length;
  return {
    gate,
    path: [],
    origin: -1,
    keyRound: 0,
    initial: 0,
    open: items * perItem + perRun,
    tally: emptyTally(gate.needs.length),
    branch: 'live',
    late: 0,
  };
}

/** What a `per: run` chain begins with. It has the empty path, and its own first step as origin. */
export function startRunChain(graph: Graph, round: number): readonly Seed[] {
  return graph.chainRoots.map((step) => ({
    step,
    path: [],
    fan: null,
    origin: graph.mainCount,
    keyRound: round - 1,
    branch: 'live',
    isGate: false,
  }));
}
