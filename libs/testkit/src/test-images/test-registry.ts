import { ExosphereError } from '@exosphere/model';
import { callEngine, followEngine } from './engine-api.ts';
import { removeImage } from './image-calls.ts';
import { startRegistryProcess } from './registry-process.ts';

/** Who may use a registry. */
export interface RegistryLogin {
  readonly user: string;
  readonly password: string;
}

/** An OCI registry on loopback, which the engine of this machine reaches without TLS. */
export interface TestRegistry {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Pushes an image of the engine as `address/repository:latest`. Gives `address/repository@sha256:…`; the engine keeps no such name. */
  push(image: string, repository: string): Promise<string>;
  /** Also at the end of the block with `await using`. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a registry. With `login`, it answers nobody else. */
export async function startTestRegistry({ login }: { readonly login?: RegistryLogin } = {}): Promise<TestRegistry> {
  const { address, stop } = await startRegistryProcess(login === undefined ? null : { [login.user]: login.password });
  const push = async (image: string, repository: string): Promise<string> => {
    const name = `${address}/${repository}`;
    await callEngine({ method: 'POST', path: `/images/${image}/tag`, query: { repo: name, tag: 'latest' } });
    try {
      return `${name}@${await pushed(name, login)}`;
    } finally {
      await removeImage(`${name}:latest`);
    }
  };
  return { address, push, stop, [Symbol.asyncDispose]: stop };
}

/** The value of the header `X-Registry-Auth`, with which the engine logs in for a push or a pull. */
export function registryAuth(login: RegistryLogin | undefined): string {
  const { user: username, password } = login ?? { user: '', password: '' };
  const plain = Buffer.from(JSON.stringify({ username, password })).toString('base64');
  return plain.replaceAll('+', '-').replaceAll('/', '_'); // not `base64url`: the engine takes a value without padding for none
}

async function pushed(name: string, login: RegistryLogin | undefined): Promise<string> {
  const headers = { 'x-registry-auth': registryAuth(login) };
  const progress = await followEngine({ method: 'POST', path: `/images/${name}/push`, query: { tag: 'latest' }, headers });
  const digest = progress.find(({ aux }) => aux?.Digest !== undefined)?.aux?.Digest;
  if (digest === undefined) throw new ExosphereError('test-registry', `The container engine pushed ${name} and did not say its digest.`);
  return digest;
}
