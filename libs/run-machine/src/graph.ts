import type { Plan, PlanStep, StepId } from '@exosphere/model';
import { InternalError } from '@exosphere/model';

/** Where the scope of a gate ends: its instances are the objects handed on there. */
export type Scope =
  | { readonly kind: 'run' }
  | { readonly kind: 'trigger' }
  | { readonly kind: 'step'; readonly step: number }
  /** In a failure chain: once per chain. */
  | { readonly kind: 'chain' };

/** A join (several needs) or a collect: a step that is decided once per object of its scope. */
export interface Gate {
  /** The number of its step; of a `settle` a number below -1, see {@link settleNumber}. */
  readonly step: number;
  /** `settle` is no step: it tells when a step has settled in the whole run, so that a percentage of its objects can be judged. */
  readonly kind: 'join' | 'collect' | 'settle';
  readonly scope: Scope;
  /** How many indexes the path of an instance has; null: the whole path (chain). */
  readonly depth: number | null;
  readonly needs: readonly number[];
  /** How many executions and gates are before it at one object of its scope, when nothing has ended yet. Not for the scope `run`. */
  readonly initial: number;
}

/** The number under which the settling of a step is kept among the gates, and back. */
export function settleNumber(step: number): number {
  return -10 - step;
}

/** A gate that waits for a step, and what the step means to it. */
export interface GateBehind {
  readonly gate: Gate;
  /** The places in `gate.needs` that the step leads to (or is). */
  readonly leadsTo: readonly number[];
  /** The place in `gate.needs` that the step is; -1: none. */
  readonly isNeed: number;
  /** The step runs once per instance of the gate. */
  readonly once: boolean;
  /** How many of what follows each object of the step are before the gate as well. */
  readonly following: number;
}

/** A step with what the machine asks about it again and again. */
export interface Step {
  readonly index: number;
  readonly plan: PlanStep;
  readonly inChain: boolean;
  /** It makes a fan-out: its objects have an index in the paths below. */
  readonly fans: boolean;
  /** How many indexes its paths have; in a chain 0, the path is the failed execution's. */
  readonly depth: number;
  /** How many indexes the paths below the first n steps of its path have; n = 0: the scope of the run or the trigger. */
  readonly fanDepths: readonly number[];
  /** The one step directly before; null for roots and gates. */
  readonly parent: number | null;
  readonly gate: Gate | null;
  /** Steps whose one need is this step. */
  readonly children: readonly number[];
  /** Gates once per object of this step. */
  readonly gatesBelow: readonly Gate[];
  /** Gates that wait for this step. */
  readonly gatesBehind: readonly GateBehind[];
  /** All steps before it. */
  readonly ancestors: ReadonlySet<number>;
  /** No step follows it. */
  readonly isLast: boolean;
  /** A step that may be decided on an ended branch follows. */
  readonly statusStepBelow: boolean;
  /** Its failures start the failure chain. */
  readonly startsChain: boolean;
  /** The ancestor whose objects `tolerate: P%` is of; -1: none (of 1), -2: a plain number. */
  readonly toleranceBasis: number;
}

/** A plan with its steps numbered and everything worked out that does not depend on a run. */
export interface Graph {
  readonly plan: Plan;
  readonly steps: readonly Step[];
  /** Steps of `satellites` are numbered 0 … mainCount − 1; failure steps follow. */
  readonly mainCount: number;
  readonly roots: readonly number[];
  readonly chainRoots: readonly number[];
  readonly triggerGates: readonly Gate[];
  readonly runGates: readonly Gate[];
  readonly chainGates: readonly Gate[];
  readonly numberOf: ReadonlyMap<StepId, number>;
}

interface Draft {
  readonly plan: PlanStep;
  readonly index: number;
  readonly inChain: boolean;
  readonly needs: readonly number[];
  readonly ancestors: Set<number>;
  readonly depth: number;
}

/** Numbers the steps of a plan and works out its gates. The plan has been checked: it has no cycles and no unknown names. */
export function buildGraph(plan: Plan): Graph {
  const all = [...plan.steps, ...(plan.failure?.steps ?? [])];
  const numberOf = new Map(all.map((step, index) => [step.identifier, index]));
  const drafts = draftSteps(plan, all, numberOf);
  const gates = findGates(plan, drafts, numberOf);
  const gateOf = new Map(gates.map((gate) => [gate.step, gate]));
  const children = drafts.map((draft) =>
    drafts.filter((other) => !gateOf.has(other.index) && other.needs[0] === draft.index).map((other) => other.index),
  );
  const statusBelow = findStatusSteps(drafts, children, gates);
  const steps = drafts.map((draft): Step => {
    const gate = gateOf.get(draft.index) ?? null;
    return {
      index: draft.index,
      plan: draft.plan,
      inChain: draft.inChain,
      fans: fansOut(draft),
      depth: draft.depth,
      fanDepths: fanDepths(draft, drafts),
      parent: gate === null ? (draft.needs[0] ?? null) : null,
      gate,
      children: children[draft.index] ?? [],
      gatesBelow: gates.filter((other) => other.scope.kind === 'step' && other.scope.step === draft.index),
      gatesBehind: gates.flatMap((other) => gateBehind(other, draft, drafts, gates)),
      ancestors: draft.ancestors,
      isLast: !drafts.some((other) => other.needs.includes(draft.index)),
      statusStepBelow: statusBelow.has(draft.index),
      startsChain: !draft.inChain && plan.failure !== null && plan.failure.per === 'item' && inChainRange(plan, draft.plan.identifier),
      toleranceBasis: toleranceBasis(plan, draft, drafts),
    };
  });
  const mainCount = plan.steps.length;
  return {
    plan,
    steps,
    mainCount,
    roots: drafts.filter((draft) => !draft.inChain && draft.needs.length === 0 && !gateOf.has(draft.index)).map((draft) => draft.index),
    chainRoots: drafts.filter((draft) => draft.inChain && draft.needs.length === 0).map((draft) => draft.index),
    triggerGates: gates.filter((gate) => gate.scope.kind === 'trigger'),
    runGates: gates.filter((gate) => gate.scope.kind === 'run'),
    chainGates: gates.filter((gate) => gate.scope.kind === 'chain'),
    numberOf,
  };
}

/** The step with this number. */
export function stepAt(graph: Graph, index: number): Step {
  const step = graph.steps[index];
  if (step === undefined) throw new InternalError(`the plan of ${graph.plan.identifier} has no step ${String(index)}`);
  return step;
}

/** Whether failures of this step are of the range of `failure` (rule 39), with `per: item` or `per: run`. */
export function inChainRange(plan: Plan, identifier: StepId): boolean {
  return plan.failure !== null && plan.failure.steps.length > 0 && plan.failure.range.includes(identifier);
}

/** Whether the gate waits for this step. */
export function waitsFor(graph: Graph, gate: Gate, step: number): boolean {
  return stepAt(graph, step).gatesBehind.some((behind) => behind.gate === gate);
}

function draftSteps(plan: Plan, all: readonly PlanStep[], numberOf: ReadonlyMap<StepId, number>): readonly Draft[] {
  const needsOf = all.map((step) => step.needs.map((need) => numberOf.get(need) ?? missing(need)));
  const ancestorsOf = new Map<number, Set<number>>();
  const ancestors = (index: number): Set<number> => {
    const known = ancestorsOf.get(index);
    if (known !== undefined) return known;
    const found = new Set<number>();
    ancestorsOf.set(index, found);
    for (const need of needsOf[index] ?? []) {
      found.add(need);
      for (const further of ancestors(need)) found.add(further);
    }
    return found;
  };
  const fans = (identifier: StepId): boolean => all[numberOf.get(identifier) ?? -1]?.satellite.cardinality === 'many';
  return all.map((step, index) => ({
    plan: step,
    index,
    inChain: index >= plan.steps.length,
    needs: needsOf[index] ?? [],
    ancestors: ancestors(index),
    depth: index >= plan.steps.length ? 0 : (step.rooted ? 1 : 0) + step.path.filter(fans).length,
  }));
}

function fansOut(draft: Draft): boolean {
  return !draft.inChain && draft.plan.satellite.cardinality === 'many';
}

function fanDepths(draft: Draft, drafts: readonly Draft[]): readonly number[] {
  const depths = [draft.plan.rooted ? 1 : 0];
  for (const identifier of draft.plan.path) {
    const step = drafts.find((other) => other.plan.identifier === identifier);
    depths.push((depths.at(-1) ?? 0) + (step !== undefined && fansOut(step) ? 1 : 0));
  }
  return depths;
}

function isGate(draft: Draft): boolean {
  return draft.needs.length > 1 || draft.plan.collect !== null;
}

type GateOutline = Omit<Gate, 'initial'> & { readonly before: ReadonlySet<number> };

function findGates(plan: Plan, drafts: readonly Draft[], numberOf: ReadonlyMap<StepId, number>): readonly (Gate & GateOutline)[] {
  const outlines: readonly GateOutline[] = [...gateSteps(drafts, numberOf), ...settles(plan, drafts)];
  return outlines.map((outline) => ({ ...outline, initial: initialOpen(outline, drafts, outlines) }));
}

function settles(plan: Plan, drafts: readonly Draft[]): readonly GateOutline[] {
  const bases = new Set(drafts.filter((draft) => !draft.inChain).map((draft) => toleranceBasis(plan, draft, drafts)));
  return [...bases]
    .filter((basis) => basis >= 0)
    .map((basis) => ({
      step: settleNumber(basis),
      kind: 'settle',
      scope: { kind: 'run' },
      depth: 0,
      needs: [basis],
      before: new Set([basis, ...(drafts[basis]?.ancestors ?? [])]),
    }));
}

function gateSteps(drafts: readonly Draft[], numberOf: ReadonlyMap<StepId, number>): readonly GateOutline[] {
  return drafts.filter(isGate).map((draft) => ({
    step: draft.index,
    kind: draft.plan.collect === null ? 'join' : 'collect',
    scope: scopeOf(draft, numberOf),
    depth: draft.inChain ? null : draft.depth,
    needs: draft.needs,
    before: draft.ancestors,
  }));
}

function scopeOf(draft: Draft, numberOf: ReadonlyMap<StepId, number>): Scope {
  if (draft.inChain) return { kind: 'chain' };
  const end = draft.plan.path.at(-1);
  if (end !== undefined) return { kind: 'step', step: numberOf.get(end) ?? missing(end) };
  return draft.plan.rooted ? { kind: 'trigger' } : { kind: 'run' };
}

/** Whether `draft` is before the gate and below the end of its scope. */
function isBefore(gate: GateOutline, draft: Draft, drafts: readonly Draft[]): boolean {
  if (!gate.before.has(draft.index)) return false;
  if (gate.scope.kind === 'trigger') return draft.plan.rooted;
  if (gate.scope.kind !== 'step') return true;
  const end = drafts[gate.scope.step]?.plan.identifier;
  return end !== undefined && draft.plan.path.includes(end);
}

/** What hangs on the end of the scope: its children, and gates with the same scope, that are before the gate. */
function initialOpen(gate: GateOutline, drafts: readonly Draft[], gates: readonly GateOutline[]): number {
  if (gate.scope.kind === 'run') return 0;
  const atScope = (draft: Draft): boolean => {
    const own = gates.find((other) => other.step === draft.index);
    if (own !== undefined) return sameScope(own.scope, gate.scope);
    if (gate.scope.kind === 'step') return draft.needs[0] === gate.scope.step;
    return draft.needs.length === 0;
  };
  return drafts.filter((draft) => isBefore(gate, draft, drafts) && atScope(draft)).length;
}

function sameScope(a: Scope, b: Scope): boolean {
  return a.kind === b.kind && (a.kind !== 'step' || (b.kind === 'step' && a.step === b.step));
}

function gateBehind(gate: GateOutline & Gate, draft: Draft, drafts: readonly Draft[], gates: readonly Gate[]): readonly GateBehind[] {
  if (!isBefore(gate, draft, drafts)) return [];
  const leadsTo = gate.needs.flatMap((need, place) =>
    need === draft.index || drafts[need]?.ancestors.has(draft.index) === true ? [place] : [],
  );
  const isGateStep = (index: number): boolean => gates.some((other) => other.step === index);
  const following = drafts.filter((other) => {
    if (!isBefore(gate, other, drafts)) return false;
    if (!isGateStep(other.index)) return other.needs[0] === draft.index;
    return gates.some((own) => own.step === other.index && own.scope.kind === 'step' && own.scope.step === draft.index);
  }).length;
  return [
    {
      gate,
      leadsTo,
      isNeed: gate.needs.indexOf(draft.index),
      once: gate.depth === null || gate.depth === draft.depth,
      following,
    },
  ];
}

function findStatusSteps(drafts: readonly Draft[], children: readonly (readonly number[])[], gates: readonly Gate[]): ReadonlySet<number> {
  const found = new Set<number>();
  const calls = (index: number): boolean => drafts[index]?.plan.if?.callsStatusFunction === true;
  for (let changed = true; changed;) {
    changed = false;
    for (const draft of drafts) {
      if (found.has(draft.index)) continue;
      const below = [
        ...(children[draft.index] ?? []),
        ...gates.filter((gate) => gate.scope.kind === 'step' && gate.scope.step === draft.index).map((gate) => gate.step),
      ];
      if (below.some((index) => calls(index) || found.has(index))) {
        found.add(draft.index);
        changed = true;
      }
    }
  }
  return found;
}

function toleranceBasis(plan: Plan, draft: Draft, drafts: readonly Draft[]): number {
  if (plan.failure?.tolerate?.kind !== 'percent') return -2;
  const fanning = [...draft.plan.path].reverse().find((identifier) => {
    const step = drafts.find((other) => other.plan.identifier === identifier);
    return step !== undefined && fansOut(step);
  });
  return fanning === undefined ? -1 : (drafts.find((other) => other.plan.identifier === fanning)?.index ?? -1);
}

function missing(identifier: StepId): never {
  throw new InternalError(`the plan names a step '${identifier}' that it does not have`);
}
