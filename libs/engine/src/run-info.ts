import type { Json, JsonObject, Plan, RunId } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import type { Ledger, RunRow } from '@exosphere/ports';
import type { Graph, RunContexts, RunControl, StepTemplates } from '@exosphere/run-machine';
import { buildGraph, compileStep, isEnding, stepAt, strongerControl } from '@exosphere/run-machine';

/** A run, as the workers of this process know it. */
export interface RunInfo {
  readonly row: RunRow;
  readonly graph: Graph;
  readonly templates: (step: number) => StepTemplates;
  readonly contexts: RunContexts;
  /** Steps whose results some template reads, so that they are worth keeping at hand. */
  readonly readSteps: ReadonlySet<number>;
  /** What is asked of the run, as far as this process has heard. */
  control: RunControl;
}

interface Compiled {
  readonly graph: Graph;
  readonly templates: (step: number) => StepTemplates;
  readonly readSteps: ReadonlySet<number>;
}

/** The runs that this process works on. Plans are compiled once per revision. */
export class RunRegistry {
  readonly #ledger: Ledger;
  readonly #runs = new Map<RunId, Promise<RunInfo>>();
  readonly #revisions = new Map<string, Promise<Compiled>>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** @throws ExosphereError `run-unknown` */
  async get(run: RunId): Promise<RunInfo> {
    const known = this.#runs.get(run);
    if (known !== undefined) return known;
    const loading = this.#load(run);
    this.#runs.set(run, loading);
    loading.catch(() => this.#runs.delete(run));
    return loading;
  }

  /** The same, as it is now: loaded anew if another round has begun, with what is asked of it. @throws ExosphereError `run-unknown` */
  async current(run: RunId): Promise<{ readonly info: RunInfo; readonly control: RunControl }> {
    const known = this.#runs.get(run);
    const info = await this.get(run);
    if (known === undefined) return { info, control: info.control };
    const row = await this.#ledger.readRun(run);
    if (row !== null && row.round === info.row.round) return { info, control: row.control };
    if (this.#runs.get(run) === known) this.forget(run);
    return this.current(run);
  }

  /** Takes in what the ledger said of a run's control; true if it changed. */
  async hear(run: RunId, control: RunControl): Promise<boolean> {
    const info = await this.#runs.get(run)?.catch(() => undefined);
    if (info === undefined) return false;
    // news may come late: what ends a run is not taken back by them
    const heard = isEnding(info.control) || isEnding(control) ? strongerControl(info.control, control) : control;
    if (info.control === heard) return false;
    info.control = heard;
    return true;
  }

  /** Forgets a run: it ended, or a new round has begun. */
  forget(run: RunId): void {
    this.#runs.delete(run);
  }

  /** The compiled plan of a revision. */
  async compile(revision: string): Promise<Compiled> {
    const known = this.#revisions.get(revision);
    if (known !== undefined) return known;
    const compiling = this.#ledger.readPlan(revision).then((plan) => {
      if (plan === null) throw new ExosphereError('revision-unknown', `there is no revision ${revision} in this database`);
      return compilePlan(plan);
    });
    this.#revisions.set(revision, compiling);
    compiling.catch(() => this.#revisions.delete(revision));
    return compiling;
  }

  async #load(run: RunId): Promise<RunInfo> {
    const row = await this.#ledger.readRun(run);
    if (row === null) throw new ExosphereError('run-unknown', `there is no run ${run} in this database`);
    const compiled = await this.compile(row.revision);
    return { row, ...compiled, contexts: contextsOf(row, compiled.graph.plan), control: row.control };
  }
}

function compilePlan(plan: Plan): Compiled {
  const graph = buildGraph(plan);
  const templates = new Map<number, StepTemplates>();
  return {
    graph,
    readSteps: new Set(graph.steps.flatMap((step) => step.plan.reads.map((read) => graph.numberOf.get(read.step) ?? -1))),
    templates: (step) => {
      const known = templates.get(step);
      if (known !== undefined) return known;
      const compiled = compileStep(stepAt(graph, step).plan);
      templates.set(step, compiled);
      return compiled;
    },
  };
}

/** The contexts `cluster`, `trigger`, `inputs` and `vars` of a run (spec 2.1). */
export function contextsOf(row: RunRow, plan: Plan): RunContexts {
  const [project = '', name = ''] = plan.identifier.split('/');
  const cluster: JsonObject = {
    identifier: plan.identifier,
    project,
    name,
    title: plan.title,
    description: plan.description,
    sla: plan.sla,
    revision: row.revision,
    'run-id': row.id,
    'run-number': row.number,
    deadline: new Date(row.deadline).toISOString(),
    trigger: row.trigger,
  };
  return { cluster, trigger: row.trigger, inputs: row.inputs, vars: plan.vars };
}

/** What the trigger hands on where it hands on one object: its payload, or else the inputs (rule 1). */
export function triggerObject(row: RunRow): Json {
  return row.trigger['payload'] ?? row.inputs;
}
