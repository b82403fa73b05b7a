import type { SatelliteContext } from '@exosphere/satellite';
import { exchange, isSuccess } from '@exosphere/satellite-http';

/** Where a model should be, and by what name. */
export interface ModelPlace {
  /** `http://server/v1` */
  readonly baseUrl: string;
  readonly model: string;
}

/** By base URL and wanted name: a server does not change its models while it runs. */
const found = new Map<string, string>();
const answerLimit = 2 ** 20;
const timeoutMs = 30_000;

/**
 * The name by which a server has the model. One that has another model, and only that, is meant to stand in: then it is the name of that
 * one. A server that lists nothing is asked for the model that is wanted.
 */
export async function servedModel({ baseUrl, model }: ModelPlace, context: Pick<SatelliteContext, 'signal' | 'log'>): Promise<string> {
  const key = `${baseUrl} ${model}`;
  const known = found.get(key);
  if (known !== undefined) return known;
  const names = await listModels(baseUrl, context.signal);
  if (names === null) return model;
  const [only] = names;
  const served = !names.includes(model) && names.length === 1 && only !== undefined ? only : model;
  if (served !== model && !found.has(key)) context.log.info(`the server has no model '${model}': its only one, '${served}', is asked`);
  found.set(key, served);
  return served;
}

/** Null: it does not say, or not now. The request that follows will show what is wrong. */
async function listModels(baseUrl: string, signal: AbortSignal): Promise<readonly string[] | null> {
  try {
    const answer = await exchange(`${baseUrl}/models`, { method: 'GET', headers: {}, signal, timeoutMs, answerLimit });
    return isSuccess(answer) ? namesIn(JSON.parse(answer.text)) : null;
  } catch (cause) {
    signal.throwIfAborted();
    if (isRefusal(cause)) throw cause;
    return null;
  }
}

function namesIn(list: unknown): readonly string[] | null {
  const data: unknown = typeof list === 'object' && list !== null && 'data' in list ? list.data : null;
  if (!Array.isArray(data)) return null;
  return data.flatMap((entry: unknown) =>
    typeof entry === 'object' && entry !== null && 'id' in entry && typeof entry.id === 'string' ? [entry.id] : [],
  );
}

/** The runtime's own verdict, as for a host that the manifest does not allow. */
function isRefusal(cause: unknown): boolean {
  return cause instanceof Error && 'retryable' in cause && cause.retryable === false;
}
