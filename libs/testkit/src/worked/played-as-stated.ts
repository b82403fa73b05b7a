import type { Diagnostic, Json, JsonObject } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import { expect } from 'vitest';
import type { WorkedCase, WorkedDiagnostic, WorkedExpectation } from '../worked-example-types.ts';
import { relevantTo, statedBy } from './observe-run.ts';
import type { Played, Stage } from './play-case.ts';
import { playCase } from './play-case.ts';

/** Plays a case and compares everything that it states with what came of it. */
export async function playedAsStated(stage: Stage, example: WorkedCase): Promise<void> {
  const played = await playCase(stage, example);
  expect(diagnosticsOf(played.diagnostics)).toEqual(sortedDiagnostics(example.expect.diagnostics ?? []));
  for (const moment of played.moments) {
    expect(relevantTo(moment.expect, moment.seen)).toEqual(statedBy(moment.expect));
    if (moment.expect.runs !== undefined) expect(moment.runs).toEqual(moment.expect.runs);
  }
  if (example.expect.run === 'refused') {
    expect(played.refused).toBe(true);
    return;
  }
  compareEnd(played, example.expect);
}

function compareEnd(played: Played, stated: WorkedExpectation): void {
  expect(played.seen).not.toBeNull();
  if (played.seen !== null) expect(relevantTo(stated, played.seen)).toEqual(statedBy(stated));
  if (stated.runs !== undefined) expect(played.runs).toEqual(stated.runs);
  if (stated['inner-runs'] !== undefined) expect(played.inner).toEqual(stated['inner-runs']);
  if (stated.events !== undefined) expect(played.events).toEqual(stated.events);
  if (stated.logs !== undefined) expect(lastDeliveries(played, Object.keys(stated.logs))).toEqual(stated.logs);
  if (stated.calls !== undefined) expect(callSizes(played, Object.keys(stated.calls))).toEqual(stated.calls);
}

/** The last delivery to each log step. */
function lastDeliveries(played: Played, steps: readonly string[]): JsonObject {
  const deliveries = steps.map((step): [string, Json] => {
    const request = played.calls.findLast((call) => call.step === step)?.requests[0];
    return [step, request === undefined ? 'nothing was delivered' : { 'input-keys': keysOf(request.input), config: request.config }];
  });
  return Object.fromEntries(deliveries);
}

function keysOf(input: Json): readonly string[] {
  return isJsonObject(input) ? Object.keys(input) : [];
}

function callSizes(played: Played, steps: readonly string[]): JsonObject {
  return Object.fromEntries(
    steps.map((step): [string, Json] => [step, played.calls.filter((call) => call.step === step).map((call) => call.size)]),
  );
}

function diagnosticsOf(diagnostics: readonly Diagnostic[]): readonly WorkedDiagnostic[] {
  return sortedDiagnostics(
    diagnostics.map(({ severity, code, at, found, hint, impliedBy }) => ({
      severity,
      code,
      at,
      ...(found === undefined ? {} : { found }),
      ...(hint === undefined ? {} : { hint }),
      ...(impliedBy === undefined ? {} : { 'implied-by': impliedBy }),
    })),
  );
}

function sortedDiagnostics(diagnostics: readonly WorkedDiagnostic[]): readonly WorkedDiagnostic[] {
  return [...diagnostics].sort((a, b) => `${a.at} ${a.code}`.localeCompare(`${b.at} ${b.code}`));
}
