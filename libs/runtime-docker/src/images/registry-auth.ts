import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ExosphereError } from '@exosphere/model';

/** What the engine shows to a registry: a name and a password, or the token of a login. */
export type RegistryAuth =
  | { readonly username: string; readonly password: string; readonly serveraddress: string }
  | { readonly identitytoken: string; readonly serveraddress: string };

interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

const dockerHub = 'https://index.docker.io/v1/';
const namesOfDockerHub: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);
/** The name that a credential helper gives where the secret is a token. */
const tokenName = '<token>';

/** The registry that an image name names: its first part, if that is a host. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  if (namesOfDockerHub.has(first)) return dockerHub;
  return rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost') ? first : dockerHub;
}

/**
 * The credentials for the registry of an image, as `docker login` keeps them: in `config.json` of Docker's folder, or with a credential
 * helper that it names. Null: there are none.
 *
 * @throws ExosphereError `image-unavailable` where the file or the helper is broken
 */
export async function registryAuth(image: string, dockerFolder: string): Promise<RegistryAuth | null> {
  const registry = registryOf(image);
  const config = await readConfig(join(dockerFolder, 'config.json'));
  const helper = config.credHelpers?.[registry] ?? config.credsStore;
  if (helper !== undefined) return fromHelper(helper, registry);
  const { auth, identitytoken } = config.auths?.[registry] ?? config.auths?.[`https://${registry}`] ?? {};
  if (identitytoken !== undefined && identitytoken !== '') return { identitytoken, serveraddress: registry };
  if (auth === undefined || auth === '') return null;
  const [username = '', ...password] = Buffer.from(auth, 'base64').toString('utf8').split(':');
  return { username, password: password.join(':'), serveraddress: registry };
}

/**
 * The credentials of all registries that the user has logged in to by name, for what a Dockerfile is built from.
 *
 * @throws ExosphereError as `registryAuth` does
 */
export async function allRegistryAuth(dockerFolder: string): Promise<Readonly<Record<string, RegistryAuth>>> {
  const { auths = {}, credHelpers = {} } = await readConfig(join(dockerFolder, 'config.json'));
  const found: Record<string, RegistryAuth> = {};
  for (const registry of new Set([...Object.keys(auths), ...Object.keys(credHelpers)])) {
    const auth = await registryAuth(registry === dockerHub ? 'library' : `${registry.replace(/^https:\/\//, '')}/image`, dockerFolder);
    if (auth !== null) found[registry] = auth;
  }
  return found;
}

async function readConfig(path: string): Promise<DockerConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return {}; // nobody has logged in
  }
  try {
    return JSON.parse(text) as DockerConfig; // Docker's own format; every field may be missing
  } catch (cause) {
    throw new ExosphereError('image-unavailable', `The file '${path}', where 'docker login' keeps credentials, is no JSON. Mend it.`, {
      cause,
    });
  }
}

async function fromHelper(helper: string, registry: string): Promise<RegistryAuth | null> {
  const program = `docker-credential-${helper}`;
  try {
    const call = promisify(execFile)(program, ['get'], { timeout: 10_000 });
    call.child.stdin?.on('error', () => undefined).end(registry); // one that does not read it, or that is missing, fails by itself
    const { stdout } = await call;
    const { Username, Secret } = JSON.parse(stdout) as { Username: string; Secret: string }; // the helpers' protocol
    if (Username === tokenName) return { identitytoken: Secret, serveraddress: registry };
    return { username: Username, password: Secret, serveraddress: registry };
  } catch (cause) {
    if (String((cause as { stdout?: unknown }).stdout).includes('credentials not found')) return null; // as the helpers' protocol says it
    throw new ExosphereError(
      'image-unavailable',
      `'${program}' gives no credentials for ${registry}: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    );
  }
}
