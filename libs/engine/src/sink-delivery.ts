import { ExpressionError } from '@exosphere/expression';
import type { JsonObject, LogRecord, PlanStep } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import type {
  Clock,
  Ledger,
  OpenSatellite,
  SatelliteError,
  SatelliteReply,
  SatelliteRuntime,
  SecretSource,
  WorkerReport,
} from '@exosphere/ports';
import type { ExecutionFacts, StepTemplates } from '@exosphere/run-machine';
import { TemplateFailure, compileStep } from '@exosphere/run-machine';
import { cutBatch } from './log-batch.ts';
import { literalLevel, prepareLogStep } from './log-step.ts';
import type { PreparedLogStep } from './log-step.ts';
import type { Mask } from './masking.ts';
import { maskOf } from './masking.ts';
import { openWith } from './open-satellites.ts';
import { lossOf } from './call-loss.ts';
import type { RunInfo } from './run-info.ts';

/** What deliveries need of the world. */
export interface DeliveryPlace {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly runtimes: readonly SatelliteRuntime[];
  readonly secrets: SecretSource;
  readonly functions: ExecutionFacts['functions'];
  readonly report: WorkerReport;
}

/** Records that are due. `key` names the first of them, the same in every process. */
export interface DueRecords {
  readonly records: readonly LogRecord[];
  readonly from: number;
  readonly key: string;
}

/** What came of one attempt. `end`: all records before it are with the sink, or are not for it. */
export type Delivery =
  | { readonly kind: 'taken'; readonly end: number }
  | { readonly kind: 'failed'; readonly error: SatelliteError }
  | { readonly kind: 'stopped' };

/** Calls the satellite of one log step of one run. */
export class SinkDelivery {
  readonly #place: DeliveryPlace;
  readonly #run: RunInfo;
  readonly #step: PlanStep;
  readonly #templates: StepTemplates;
  #satellite: OpenSatellite | null = null;

  constructor(place: DeliveryPlace, run: RunInfo, step: PlanStep) {
    this.#place = place;
    this.#run = run;
    this.#step = step;
    this.#templates = compileStep(step);
  }

  /**
   * Hands on as many of the records as one delivery carries.
   *
   * @throws ExosphereError `database-unavailable`; all else that goes wrong is the answer
   */
  async attempt(due: DueRecords, attempt: number, signal: AbortSignal): Promise<Delivery> {
    const level = literalLevel(this.#step.config);
    if (level !== null && cutBatch(due.records, due.from, level).records.length === 0) return { kind: 'taken', end: due.records.length };
    let mask: Mask | null = null;
    try {
      const granted = await this.#openSecrets(signal);
      mask = maskOf([...granted.values()]);
      const { ledger, clock, functions } = this.#place;
      const prepared = await prepareLogStep({
        run: this.#run,
        step: this.#step,
        templates: this.#templates,
        ledger,
        clock,
        functions,
        granted,
      });
      const batch = cutBatch(due.records, due.from, prepared.level);
      if (batch.records.length === 0) return { kind: 'taken', end: batch.end };
      const error = await this.#call(
        { batch: batch.records, key: `${due.key}+${String(batch.end - due.from)}`, attempt, prepared, mask },
        signal,
      );
      if (signal.aborted) return { kind: 'stopped' };
      return error === null ? { kind: 'taken', end: batch.end } : { kind: 'failed', error: masked(error, mask) };
    } catch (error) {
      if (error instanceof ExosphereError && error.code === 'database-unavailable') throw error;
      if (signal.aborted) return { kind: 'stopped' };
      await this.close(); // opened anew, whatever became of it
      return { kind: 'failed', error: masked(failureOf(error), mask) };
    }
  }

  async close(): Promise<void> {
    const satellite = this.#satellite;
    this.#satellite = null;
    await satellite?.close();
  }

  async #openSecrets(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const { grants } = this.#step;
    if (grants.length === 0) return new Map();
    const { project, cluster, id } = this.#run.row;
    return this.#place.secrets.open(grants, { project, cluster, run: id, signal });
  }

  /** Null: the sink took it. */
  async #call(
    call: { batch: readonly LogRecord[]; key: string; attempt: number; prepared: PreparedLogStep; mask: Mask | null },
    signal: AbortSignal,
  ): Promise<SatelliteError | null> {
    const { prepared } = call;
    const { identifier, timeoutMs } = this.#step;
    const input = { records: call.batch as unknown as readonly JsonObject[] }; // records are plain data
    this.#satellite ??= await openWith(this.#place.runtimes, this.#run, this.#step, { signal });
    const violation = check('config', this.#satellite.checkConfig(prepared.config)) ?? check('input', this.#satellite.checkInput(input));
    if (violation !== null) return violation;
    const request = {
      execution: identifier,
      idempotencyKey: `${this.#run.row.id}/${identifier}/${call.key}`,
      attempt: call.attempt,
      deadline: new Date(this.#place.clock.now() + timeoutMs).toISOString(),
      resume: null,
      config: prepared.config,
      input,
      item: null,
      secrets: prepared.secrets,
    };
    const answer: { reply: SatelliteReply | null } = { reply: null };
    const over = await this.#satellite.invoke(
      {
        requests: [request],
        mode: 'each',
        timeoutMs,
        events: {
          reply: (_, reply) => void (answer.reply ??= reply),
          objects: () => Promise.resolve(), // nobody reads what a sink hands on
          // its own records are not forwarded; what it complains of is told to the operator
          log: (_, { level, message }) => {
            if (level === 'warn' || level === 'error') this.#tell(call.mask?.log(message) ?? message);
          },
        },
      },
      { signal },
    );
    if (answer.reply === null) return lossOf(over);
    return answer.reply.kind === 'error' ? answer.reply.error : null;
  }

  #tell(message: string): void {
    this.#place.report.warn('a log sink says', { run: this.#run.row.id, sink: this.#step.identifier, message });
  }
}

function check(part: 'config' | 'input', violation: { at: string; message: string } | null): SatelliteError | null {
  if (violation === null) return null;
  return { code: `${part}-invalid`, message: `${part}${violation.at}: ${violation.message}`, retryable: false, retryAfterMs: null };
}

function failureOf(error: unknown): SatelliteError {
  if (error instanceof TemplateFailure) return { code: error.code, message: error.message, retryable: false, retryAfterMs: null };
  if (error instanceof ExpressionError) return { code: 'template-failed', message: error.message, retryable: false, retryAfterMs: null };
  if (error instanceof ExosphereError) return { code: error.code, message: error.message, retryable: error.retryable, retryAfterMs: null };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error), retryable: true, retryAfterMs: null };
}

function masked(error: SatelliteError, mask: Mask | null): SatelliteError {
  return mask === null ? error : { ...error, message: mask.text(error.message) };
}
