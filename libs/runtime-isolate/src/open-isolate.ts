import { ExosphereError, InternalError } from '@exosphere/model';
import type { JsonObject } from '@exosphere/model';
import type { BlobStore, CallEnd, OpenOptions, OpenSatellite, SatelliteCall, SatelliteEvents } from '@exosphere/ports';
import type { ManifestChecks } from '@exosphere/satellite-protocol';
import type { EndedCall } from './process/run-call.ts';
import { runCall } from './process/run-call.ts';
import type { CellOwner, SandboxPool } from './process/sandbox-pool.ts';

/** What an open satellite works with. */
export interface IsolateParts {
  readonly pool: SandboxPool;
  readonly blobs: BlobStore;
  readonly owner: CellOwner;
  readonly preset: JsonObject | null;
  readonly checks: ManifestChecks;
  readonly callSize: number;
  readonly fresh: OpenOptions['fresh'];
}

/** Contexts that requests of one call have of their own, at the same time, with `fresh: execution`. */
const freshAtOnce = 8;

/** A satellite for one run and step. */
export class OpenIsolate implements OpenSatellite {
  readonly checkConfig: OpenSatellite['checkConfig'];
  readonly checkInput: OpenSatellite['checkInput'];
  readonly checkOutput: OpenSatellite['checkOutput'];
  readonly callSize: number;
  readonly #parts: IsolateParts;
  #closed = false;

  constructor(parts: IsolateParts) {
    this.#parts = parts;
    this.callSize = parts.callSize;
    this.checkConfig = parts.checks.config;
    this.checkInput = parts.checks.input;
    this.checkOutput = parts.checks.output;
  }

  async invoke(call: SatelliteCall, { signal }: { readonly signal: AbortSignal }): Promise<CallEnd> {
    if (this.#closed) throw new ExosphereError('runtime-unavailable', 'The satellite was closed; open it again.', { retryable: true });
    if (call.requests.length === 0) return { kind: 'done' };
    if (this.#parts.fresh === 'lease') return this.#once(call, signal, { again: true });
    return call.mode === 'batch' ? this.#once(call, signal, { again: false }) : this.#apart(call, signal);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#parts.pool.leave(this.#parts.owner);
  }

  async #once(call: SatelliteCall, signal: AbortSignal, { again }: { readonly again: boolean }): Promise<CallEnd> {
    if (signal.aborted) return { kind: 'lost', reason: 'cancelled', message: 'The call was cancelled.' };
    const first = await this.#inCell(call, signal, { again });
    if (first.again.length === 0) return first.end;
    const rest = {
      ...call,
      requests: first.again.flatMap((index) => call.requests[index] ?? []),
      events: eventsAt(first.again, call.events),
    };
    const second = await this.#once(rest, signal, { again });
    return first.end.kind === 'lost' ? first.end : second;
  }

  async #inCell(call: SatelliteCall, signal: AbortSignal, { again }: { readonly again: boolean }): Promise<EndedCall> {
    const { pool, owner, blobs, preset } = this.#parts;
    const { process, cell, release } = await pool.take(owner);
    let lives = false;
    try {
      const ended = await runCall({ process, cell }, call, { blobs, project: owner.project, preset, signal });
      lives = ended.cellLives;
      return ended;
    } finally {
      if (lives && !again) process.closeCell(cell);
      release({ again: lives && again });
      if (this.#closed) pool.leave(owner);
    }
  }

  /** Each request in a context of its own: how it ends is its affair alone. */
  async #apart(call: SatelliteCall, signal: AbortSignal): Promise<CallEnd> {
    const waiting = call.requests.map((request, index) => ({ request, index }));
    const ends: CallEnd[] = [];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const alone = { ...call, requests: [next.request], events: eventsAt([next.index], call.events) };
        ends.push(await this.#once(alone, signal, { again: false }));
      }
    };
    await Promise.all(Array.from({ length: Math.min(freshAtOnce, call.requests.length) }, work));
    return ends.find(({ kind }) => kind === 'lost') ?? { kind: 'done' };
  }
}

/** Events of a part of a call, as those of the places that its requests have in the whole. */
function eventsAt(places: readonly number[], events: SatelliteEvents): SatelliteEvents {
  const whole = (index: number): number => {
    const place = places[index];
    if (place === undefined) throw new InternalError(`a part of a call has no request ${index}`);
    return place;
  };
  return {
    reply: (index, reply) => events.reply(whole(index), reply),
    objects: (index, objects) => events.objects(whole(index), objects),
    log: (index, record) => events.log(whole(index), record),
  };
}
