import { request } from 'node:http';
import type { RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';

/** What a container engine says of itself. */
export interface EngineFacts {
  /** `Docker 28.2.2` */
  readonly name: string;
  readonly apiVersion: string;
  readonly cgroupVersion: string;
  /** How it stores layers: `overlay2`. */
  readonly storage: string;
  readonly runtimes: readonly string[];
}

/** The facts, or why they are not to be had: the code of the system where it gave one. */
export type EngineAnswer =
  | { readonly kind: 'facts'; readonly facts: EngineFacts }
  | { readonly kind: 'failure'; readonly code: string | null; readonly message: string };

const limitMs = 5_000;

/** Asks the engine at a unix socket for its version and settings. Never fails. */
export async function askEngine(socketPath: string): Promise<EngineAnswer> {
  try {
    const [version, info] = await Promise.all([get(socketPath, '/version'), get(socketPath, '/info')]);
    return { kind: 'facts', facts: factsOf(version, info) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
    return { kind: 'failure', code, message: error instanceof Error ? error.message : String(error) };
  }
}

/** What the two answers hold, as far as it is looked at. Podman leaves some of it out. */
interface Version {
  readonly Version?: string;
  readonly ApiVersion?: string;
  readonly Components?: readonly { readonly Name?: string }[];
}
interface Info {
  readonly Driver?: string;
  readonly CgroupVersion?: string;
  readonly Runtimes?: Readonly<Record<string, unknown>>;
}

function factsOf(version: Version, info: Info): EngineFacts {
  const isPodman = (version.Components ?? []).some(({ Name }) => Name?.startsWith('Podman') === true);
  return {
    name: `${isPodman ? 'Podman' : 'Docker'} ${version.Version ?? 'of no version'}`,
    apiVersion: version.ApiVersion ?? 'unknown',
    cgroupVersion: info.CgroupVersion ?? '1',
    storage: info.Driver ?? 'unknown storage',
    runtimes: Object.keys(info.Runtimes ?? {}),
  };
}

async function get(socketPath: string, path: string): Promise<Version & Info> {
  const options: RequestOptions = { socketPath, path, headers: { host: 'docker' }, agent: false, timeout: limitMs };
  const answer = await new Promise<string>((resolve, reject) => {
    const asking = request(options, (response) => {
      if (response.statusCode === 200) return resolve(text(response));
      response.resume();
      return reject(new TypeError(`it answers ${String(response.statusCode)} to ${path}`));
    });
    asking.on('timeout', () => asking.destroy(new TypeError(`no answer within ${String(limitMs / 1_000)} s`)));
    asking.on('error', reject);
    asking.end();
  });
  const value: unknown = JSON.parse(answer);
  if (typeof value !== 'object' || value === null) throw new TypeError(`its answer to ${path} is no object`);
  return value; // every field of it is looked at as one that may be missing
}
