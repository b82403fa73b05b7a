import type { Json, JsonObject, StepRead } from '@exosphere/model';
import type { Ledger } from '@exosphere/ports';
import type { CompiledTree, ExecutionFacts, ReadResult, Step } from '@exosphere/run-machine';
import { buildScopes, compileTree, resolveTree, stepAt, stepsRead } from '@exosphere/run-machine';
import { ObjectTexts } from './object-texts.ts';
import { Results } from './results.ts';
import type { RunInfo } from './run-info.ts';

/**
 * The `outputs` of a cluster, of a run whose items have ended: named values, computed as by a join at the scope of the run (rule 55).
 *
 * @throws TemplateFailure, ExpressionError, ExosphereError `LIST_TOO_LARGE`
 */
export async function runOutputs(ledger: Ledger, run: RunInfo, functions: ExecutionFacts['functions']): Promise<JsonObject> {
  const trees = Object.entries(run.graph.plan.outputs).map(([name, node]): readonly [string, CompiledTree] => [name, compileTree(node)]);
  if (trees.length === 0) return {};
  const texts = new ObjectTexts();
  const results = new Results(ledger, run, texts);
  const read: ReadResult[] = [];
  for (const identifier of stepsRead(trees.map(([, tree]) => tree))) {
    const index = [...run.graph.numberOf].find(([name]) => name.toLowerCase() === identifier)?.[1];
    if (index !== undefined) read.push(await readAtRun(run, stepAt(run.graph, index), results));
  }
  const scopes = buildScopes({
    run: run.contexts,
    item: null,
    execution: {},
    failure: null,
    results: read,
    made: new Date(run.row.endedAt ?? run.row.acceptedAt).toISOString(),
    secrets: {},
    text: texts.textOf,
    functions,
  });
  return Object.fromEntries(trees.map(([name, tree]): [string, Json] => [name, resolveTree(tree, scopes, 'input-invalid')]));
}

/** A step under no fan-out reads as its manifest says, any other as the list of what it handed on. */
async function readAtRun(run: RunInfo, step: Step, results: Results): Promise<ReadResult> {
  const isOnce = run.row.items === 1 && step.depth === (step.plan.rooted ? 1 : 0);
  const read: StepRead = { step: step.plan.identifier, as: isOnce ? 'whole' : 'list', attributes: ['output'] };
  const nothing = { metrics: null, startedAt: null, endedAt: null, parents: null, retries: null };
  if (!isOnce) {
    return { read, ...nothing, status: null, output: await results.listBelow(step.index, [], null), error: [] };
  }
  const at = { step: step.index, path: step.plan.rooted ? [0] : [], origin: -1, keyRound: null };
  await results.load([at]);
  const facts = results.ended(at);
  const output = step.fans ? (facts === null ? [] : await results.wholeList(at)) : (facts?.object ?? null);
  return { read, ...nothing, status: facts?.status ?? 'skipped', output, error: facts?.error ?? null };
}
