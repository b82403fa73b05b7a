import type { Branch, EndedStatus, Path } from '@exosphere/model';
import type { RunControl } from './control.ts';
import type { Gate, Step } from './graph.ts';

/** An execution that ended, or (with `final` false) that has handed on a part of its list. */
export interface Ending {
  readonly step: Step;
  readonly path: Path;
  readonly origin: number;
  readonly keyRound: number;
  /** How its branch stood when it was decided. */
  readonly branch: Branch;
  readonly status: EndedStatus;
  /** What it hands on now: objects `from` … `from + count - 1` of its list. */
  readonly from: number;
  readonly count: number;
  readonly final: boolean;
  /** How many objects its list has in all; counts only where `final`. */
  readonly total: number;
  /** It is a collect that was not satisfied (rule 21). */
  readonly unmet: boolean;
  /** Such a collect, and one of the failures behind it had a chain: it starts none. */
  readonly consequence: boolean;
  /** It was skipped, but hands its item on (`on-skip: pass`). */
  readonly passes: boolean;
  /** It was skipped because its own `if` said no. */
  readonly byCondition: boolean;
}

/** What the run is like as an execution ends. */
export interface Circumstances {
  readonly round: number;
  readonly control: RunControl;
}

/** Executions to come: of one step, at one path or at `count` paths below it. */
export interface Seed {
  readonly step: number;
  /** With `fan` the path above the last index, else the whole path. */
  readonly path: Path;
  readonly fan: { readonly from: number; readonly count: number } | null;
  readonly origin: number;
  readonly keyRound: number;
  readonly branch: Branch;
  /** It is a gate all of whose needs have ended. */
  readonly isGate: boolean;
}

/** A change to a gate; see `GateDelta` of ports for the meaning. */
export interface GateChange {
  readonly gate: Gate;
  readonly path: Path;
  readonly origin: number;
  readonly keyRound: number;
  readonly initial: number;
  readonly open: number;
  readonly tally: readonly number[];
  readonly branch: Branch;
  readonly late: number;
}

/** What follows from an ending. */
export interface Spread {
  readonly seeds: readonly Seed[];
  readonly gates: readonly GateChange[];
  /** The branch ended here, and ended well (rule 45). */
  readonly endedWell: boolean;
}
