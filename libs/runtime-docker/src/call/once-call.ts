import { createHash } from 'node:crypto';
import type { JsonObject } from '@exosphere/model';
import type { CallEnd, SatelliteCall, SatelliteRequest } from '@exosphere/ports';
import type { OnStep } from '../container/container.ts';
import type { Home } from '../container/home.ts';
import type { SealedContainer } from '../profile/sealed.ts';
import type { Engine } from '../engine/engine.ts';
import type { Surroundings } from '../protocol/request-line.ts';
import type { Slots } from '../pool/slots.ts';
import { LogBudget } from './log-budget.ts';
import { OnceRun } from './once-run.ts';

/** What one execution in a container of its own is made of. */
export interface OnceParts {
  readonly engine: Engine;
  readonly slots: Slots;
  /** A container for an execution, by its name. */
  readonly seal: (options: {
    readonly name: string;
    readonly home: Home;
    readonly environment: Readonly<Record<string, string>>;
    readonly labels: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
  }) => SealedContainer;
  readonly openHome: (name: string) => Promise<Home>;
  readonly surroundings: (home: Home) => Surroundings;
  readonly preset: JsonObject;
  readonly streams: boolean;
  readonly onStep: OnStep;
}

/** Runs each request of a call in a container of its own. */
export async function onceCall(call: SatelliteCall, parts: OnceParts, signal: AbortSignal): Promise<CallEnd> {
  const failed = new AbortController();
  const until = AbortSignal.any([signal, failed.signal]);
  const ends = await Promise.all(
    call.requests.map(async (request, index) => {
      try {
        return await one(call, { request, index }, parts, until);
      } catch (error) {
        if (!until.aborted) failed.abort(error);
        return cancelled;
      }
    }),
  );
  if (failed.signal.aborted) throw failed.signal.reason;
  return ends.find((end) => end.kind === 'lost') ?? { kind: 'done' };
}

const cancelled: CallEnd = { kind: 'lost', reason: 'cancelled', message: 'The call was cancelled.' };

async function one(
  call: SatelliteCall,
  { request, index }: { readonly request: SatelliteRequest; readonly index: number },
  parts: OnceParts,
  signal: AbortSignal,
): Promise<CallEnd> {
  if (signal.aborted) return cancelled;
  const release = await parts.slots.take(signal).catch(() => null);
  if (release === null) return cancelled;
  const name = containerName(request);
  const home = await parts.openHome(name);
  const log = new LogBudget((record) => call.events.log(index, record));
  try {
    const outcome = await new OnceRun({
      engine: parts.engine,
      sealed: parts.seal({ name, home, environment: variablesOf(request), labels: labelsOf(request), timeoutMs: call.timeoutMs }),
      request,
      home,
      surroundings: parts.surroundings(home),
      preset: parts.preset,
      timeoutMs: call.timeoutMs,
      onObjects: parts.streams ? (objects) => call.events.objects(index, objects) : null,
      log,
      onStep: parts.onStep,
      signal,
    }).outcome();
    log.end();
    if (outcome.kind === 'cancelled') return cancelled;
    call.events.reply(index, outcome.reply);
    return { kind: 'done' };
  } finally {
    release();
    await home.close();
  }
}

/**
 * The same for every attempt of an execution: what a lost worker left behind is in the way, and so is found and removed. There is never
 * more than one container for an execution.
 */
function containerName({ idempotencyKey }: SatelliteRequest): string {
  return `exo-once-${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)}`;
}

function variablesOf({ execution, idempotencyKey, attempt }: SatelliteRequest): Readonly<Record<string, string>> {
  return { EXO_EXECUTION: execution, EXO_IDEMPOTENCY_KEY: idempotencyKey, EXO_ATTEMPT: String(attempt) };
}

function labelsOf({ execution, attempt }: SatelliteRequest): Readonly<Record<string, string>> {
  return { 'exosphere.execution': execution, 'exosphere.attempt': String(attempt) };
}
