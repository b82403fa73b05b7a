import { ExosphereError } from '@exosphere/model';
import type { BlobStore, CallEnd, OpenOptions, OpenSatellite, SatelliteCall } from '@exosphere/ports';
import type { ManifestChecks, SatelliteManifest } from '@exosphere/satellite-protocol';
import { runCall } from './process/run-call.ts';
import type { CellOwner, SandboxPool } from './process/sandbox-pool.ts';

/** What an open satellite works with. */
export interface IsolateParts {
  readonly pool: SandboxPool;
  readonly blobs: BlobStore;
  readonly owner: CellOwner;
  readonly manifest: SatelliteManifest;
  readonly checks: ManifestChecks;
  readonly callSize: number;
}

/** Contexts that requests of one call have of their own, at the same time, with `fresh: execution`. */
const freshAtOnce = 8;

/** A satellite for one run and step. */
export function openIsolate(parts: IsolateParts, { project, fresh }: Pick<OpenOptions, 'project' | 'fresh'>): OpenSatellite {
  const { pool, blobs, owner, manifest, checks } = parts;
  const preset = Object.keys(manifest.preset).length === 0 ? null : manifest.preset;
  let closed = false;

  const once = async (call: SatelliteCall, signal: AbortSignal, again: boolean): Promise<CallEnd> => {
    if (signal.aborted) return { kind: 'lost', reason: 'cancelled', message: 'The call was cancelled.' };
    const { process, cell, release } = await pool.take(owner);
    let lives = false;
    try {
      const ended = await runCall({ process, cell }, call, { blobs, project, preset, signal });
      lives = ended.cellLives;
      return ended.end;
    } finally {
      if (lives && !again) process.closeCell(cell);
      release(lives && again);
      if (closed) pool.leave(owner);
    }
  };

  /** Each request in a context of its own: how it ends is its affair alone. */
  const apart = async (call: SatelliteCall, signal: AbortSignal): Promise<CallEnd> => {
    const waiting = call.requests.map((request, index) => ({ request, index }));
    const ends: CallEnd[] = [];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { request, index } = next;
        const events = {
          reply: (_: number, reply: Parameters<typeof call.events.reply>[1]) => call.events.reply(index, reply),
          objects: (_: number, objects: Parameters<typeof call.events.objects>[1]) => call.events.objects(index, objects),
          log: (_: number, record: Parameters<typeof call.events.log>[1]) => call.events.log(index, record),
        };
        ends.push(await once({ ...call, requests: [request], events }, signal, false));
      }
    };
    await Promise.all(Array.from({ length: Math.min(freshAtOnce, call.requests.length) }, work));
    return ends.find(({ kind }) => kind === 'lost') ?? { kind: 'done' };
  };

  return {
    checkConfig: checks.config,
    checkInput: checks.input,
    checkOutput: checks.output,
    callSize: parts.callSize,
    async invoke(call, { signal }) {
      if (closed)
        throw new ExosphereError('runtime-unavailable', `The satellite '${owner.satellite.digest}' is closed.`, { retryable: true });
      if (call.requests.length === 0) return { kind: 'done' };
      if (fresh === 'execution' && call.mode === 'each') return apart(call, signal);
      return once(call, signal, fresh === 'lease');
    },
    async close() {
      closed = true;
      pool.leave(owner);
    },
  };
}
