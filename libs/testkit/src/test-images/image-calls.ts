import type { Readable } from 'node:stream';
import { callEngine, followEngine } from './engine-api.ts';

/** An image of the engine. */
export interface EngineImage {
  /** `sha256:…` */
  readonly id: string;
  /** In bytes. */
  readonly size: number;
}

/** The image with this name, digest or id, or null where the engine has none. */
export async function findImage(name: string): Promise<EngineImage | null> {
  const { status, text } = await callEngine({ path: `/images/${name}/json`, expects: [404] });
  if (status === 404) return null;
  const { Id, Size } = JSON.parse(text) as { Id: string; Size: number }; // the shape that the engine's API states
  return { id: Id, size: Size };
}

/** Makes an image of a root folder in a tar file. `changes` are lines of a Dockerfile, such as `CMD ["sh"]`. */
export async function importImage(name: string, rootFolder: Readable, changes: readonly string[]): Promise<void> {
  const [repo, tag] = splitName(name);
  await followEngine({ method: 'POST', path: '/images/create', query: { fromSrc: '-', repo, tag, changes }, body: rootFolder });
}

/** Builds a folder in a tar file, which has a Dockerfile, as the image `name`. Gives what the build printed. */
export async function buildImage(name: string, context: Readable, query: Readonly<Record<string, string>> = {}): Promise<string> {
  const progress = await followEngine({ method: 'POST', path: '/build', query: { t: name, forcerm: '1', ...query }, body: context });
  return progress.map(({ stream }) => stream ?? '').join('');
}

/** Takes a name from an image, which goes when it was its last one. Names that are gone already are fine. */
export async function removeImage(name: string): Promise<void> {
  await callEngine({ method: 'DELETE', path: `/images/${name}`, query: { force: '1' }, expects: [404] });
}

/** Splits `127.0.0.1:5000/team/name:tag` before its tag, which is `latest` where none is said. */
export function splitName(name: string): readonly [string, string] {
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? [name.slice(0, colon), name.slice(colon + 1)] : [name, 'latest'];
}
