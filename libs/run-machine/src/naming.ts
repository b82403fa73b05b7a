import type { Path, RunId } from '@exosphere/model';
import type { Graph, Step } from './graph.ts';
import { stepAt } from './graph.ts';

/** What the name of an execution is made of. */
export interface NamedExecution {
  readonly step: Step;
  readonly path: Path;
  readonly origin: number;
  readonly keyRound: number;
}

/**
 * The indexes that people see: without the trigger's, where the trigger handed on one object.
 *
 * @param items how many objects the trigger of the run handed on
 */
export function shownPath(step: Step, path: Path, items: number): Path {
  return step.plan.rooted && items === 1 ? path.slice(1) : path;
}

/** `ocr[1.0]`, or `alert(ocr[1.0])` for a step of a failure chain; a chain for a further failure of the same item ends in `~2`. */
export function executionName(graph: Graph, execution: NamedExecution, items: number): string {
  const { step, path, origin, keyRound } = execution;
  if (origin === -1) return withPath(step, path, items);
  const again = keyRound > 0 ? `~${String(keyRound + 1)}` : '';
  if (origin >= graph.mainCount) return `${step.plan.identifier}(run)${again}`;
  return `${step.plan.identifier}(${withPath(stepAt(graph, origin), path, items)})${again}`;
}

/** `<run>/<step>/<path>`, the same in every attempt; a failure step's is the failed execution's with the step behind it. */
export function idempotencyKey(run: RunId, graph: Graph, execution: NamedExecution): string {
  const { step, path, origin, keyRound } = execution;
  const round = keyRound > 0 ? `/${String(keyRound + 1)}` : '';
  const place = path.join('.');
  if (origin === -1) return `${run}/${step.plan.identifier}/${place}${round}`;
  if (origin >= graph.mainCount) return `${run}/run//${step.plan.identifier}${round}`;
  return `${run}/${stepAt(graph, origin).plan.identifier}/${place}/${step.plan.identifier}${round}`;
}

function withPath(step: Step, path: Path, items: number): string {
  const shown = shownPath(step, path, items).map((index) => (index === -1 ? '-' : String(index)));
  return shown.length === 0 ? step.plan.identifier : `${step.plan.identifier}[${shown.join('.')}]`;
}
