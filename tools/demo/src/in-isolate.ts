import { createFileBlobStore } from '@exosphere/blobs';
import type { JsonObject, LockedSatellite } from '@exosphere/model';
import type { OpenSatellite, SatelliteEvents, SatelliteReply, SatelliteRequest, Violation } from '@exosphere/ports';
import type { LocalSatellite } from '@exosphere/satellite-package';
import { createIsolateRuntime } from '@exosphere/runtime-isolate';
import { openLocalSatellites } from '@exosphere/satellite-package';
import { cardinalityOf } from '@exosphere/satellite-protocol';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one request of a test gave: what was emitted and then what was returned. */
export interface IsolateResult {
  readonly objects: readonly JsonObject[];
  readonly error: Extract<SatelliteReply, { kind: 'error' }>['error'] | null;
  readonly metrics: JsonObject | null;
}

/** The repository's satellites, each in a real isolate, with the endpoints of the demo. */
export interface IsolateBench {
  call(name: string, request: Partial<SatelliteRequest>): Promise<IsolateResult>;
  stop(): Promise<void>;
}

/** Builds the satellites and starts the runtime: for tests that show that they run where they run in production. */
export async function openIsolateBench(endpoints: Readonly<Record<string, string>>): Promise<IsolateBench> {
  const folder = await mkdtemp(join(tmpdir(), 'exosphere-isolates-'));
  const satellites = await openLocalSatellites({
    folders: [join(import.meta.dirname, '../../../satellites')],
    cacheFolder: join(import.meta.dirname, '../../../.exosphere'),
  });
  const blobs = await createFileBlobStore({ folder: join(folder, 'blobs') });
  const runtime = createIsolateRuntime({ satellites, blobs, endpoints: () => endpoints });
  return {
    call: async (name, request) => {
      const found = satellites.all.find(({ reference }) => reference === `satellite/exospherehost/${name}`);
      if (found === undefined) throw new TypeError(`there is no satellite '${name}': ${satellites.failures.map(String).join('\n')}`);
      const signal = AbortSignal.timeout(60_000);
      const full: SatelliteRequest = { ...plainRequest(name), ...request };
      const open = await runtime.open(lockedFor(found, full), { project: 'demo', run: 'run', step: name, fresh: 'lease', signal });
      return callOnce(open, full, signal).finally(() => open.close());
    },
    stop: async () => {
      await runtime.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function lockedFor({ reference, version, digest, manifest }: LocalSatellite, { config }: SatelliteRequest): LockedSatellite {
  const { text, key } = manifest.output;
  return { reference, version, digest, cardinality: cardinalityOf(manifest, config), text, key };
}

async function callOnce(open: OpenSatellite, request: SatelliteRequest, signal: AbortSignal): Promise<IsolateResult> {
  mustFit('config', open.checkConfig(request.config));
  mustFit('input', open.checkInput(request.input));
  const replies: SatelliteReply[] = [];
  const objects: JsonObject[] = [];
  const events: SatelliteEvents = {
    reply: (_, reply) => void replies.push(reply),
    objects: async (_, emitted) => void objects.push(...emitted),
    log: () => undefined,
  };
  const end = await open.invoke({ requests: [request], mode: 'each', timeoutMs: 30_000, events }, { signal });
  const [reply] = replies;
  if (reply === undefined) throw new TypeError(`the call ended without a reply: ${JSON.stringify(end)}`);
  if (reply.kind === 'objects') objects.push(...reply.objects);
  for (const object of objects) mustFit('output', open.checkOutput(object));
  return { objects, error: reply.kind === 'error' ? reply.error : null, metrics: reply.kind === 'later' ? null : reply.metrics };
}

function mustFit(what: string, violation: Violation): void {
  if (violation !== null) throw new TypeError(`${what} ${violation.at}: ${violation.message}`);
}

function plainRequest(name: string): SatelliteRequest {
  return {
    execution: `run/${name}/0`,
    idempotencyKey: `run/${name}/0`,
    attempt: 1,
    deadline: new Date(Date.now() + 30_000).toISOString(),
    resume: null,
    config: {},
    input: {},
    item: {},
    secrets: {},
  };
}
