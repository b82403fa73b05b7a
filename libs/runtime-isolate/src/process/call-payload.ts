import { Buffer } from 'node:buffer';
import type { JsonObject } from '@exosphere/model';
import type { SatelliteRequest } from '@exosphere/ports';

/** The wire form of a request (spec 4.2). `input` is left out where it is the item: both are then written once. */
function wireOf(request: SatelliteRequest, preset: JsonObject | null): object {
  const { execution, idempotencyKey, attempt, deadline, resume, config, input, item, secrets } = request;
  return {
    execution,
    'idempotency-key': idempotencyKey,
    attempt,
    deadline,
    resume: resume === null ? null : { count: resume.count, 'last-key': resume.lastKey },
    config: preset === null ? config : { ...config, ...preset },
    ...(input === item ? {} : { input }),
    item,
    secrets,
  };
}

/** The body of a `call` message. */
export function callPayload(requests: readonly SatelliteRequest[], mode: 'each' | 'batch', preset: JsonObject | null): Buffer {
  return Buffer.from(JSON.stringify({ mode, requests: requests.map((request) => wireOf(request, preset)) }));
}
