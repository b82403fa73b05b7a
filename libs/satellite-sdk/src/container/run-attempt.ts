import type { Satellite } from '../satellite.ts';
import type { Attempt } from './attempt.ts';
import type { ContainerRequest } from './container-request.ts';
import { currentLog } from './current-log.ts';

/** The satellite, or why there is none: the same in every attempt. */
export type LoadedSatellite = Satellite | { readonly fault: unknown };

/** Starts an attempt. It ends by itself. */
export function runAttempt(satellite: LoadedSatellite, attempt: Attempt): void {
  if ('fault' in satellite) for (const request of attempt.requests) request.fail(satellite.fault);
  else if (attempt.isBatch && typeof satellite.runBatch === 'function') void runBatch(satellite, attempt.requests);
  else for (const request of attempt.requests) currentLog.run(request.log, runOne, satellite, request);
}

function runOne(satellite: Satellite, request: ContainerRequest): void {
  try {
    const returned: unknown = satellite.run(request.request, request.context);
    if (isThenable(returned)) Promise.resolve(returned).then(request.succeed, request.fail);
    else request.succeed(returned);
  } catch (thrown) {
    request.fail(thrown);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

/** What is printed within a batch belongs to all of its requests, and is kept with the first. */
async function runBatch(satellite: Satellite, requests: readonly ContainerRequest[]): Promise<void> {
  const [first] = requests;
  if (first === undefined) return;
  try {
    const results: unknown = await currentLog.run(first.log, async () =>
      satellite.runBatch?.(
        requests.map(({ request }) => request),
        requests.map(({ context }) => context),
      ),
    );
    if (!Array.isArray(results)) throw new TypeError('runBatch gives a list with one result for each request.');
    requests.forEach((request, index) => settle(request, results[index]));
  } catch (thrown) {
    for (const request of requests) request.fail(thrown);
  }
}

function settle(request: ContainerRequest, result: unknown): void {
  if (Array.isArray(result)) request.succeed(result);
  else request.fail(result ?? new TypeError('The batch gave no result for this request.'));
}
