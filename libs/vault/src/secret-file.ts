import { createHmac } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { MasterKey } from './master-key.ts';
import type { Envelope } from './seal.ts';
import { openEnvelope, sealEnvelope } from './seal.ts';
import type { SecretPlace } from './secret-place.ts';
import { placeText } from './secret-place.ts';
import { damaged, systemCodeOf } from './vault-failure.ts';

/** One secret as its file holds it. */
export interface SecretFile extends SecretPlace {
  readonly format: 1;
  /** Counts the values that it has had. */
  readonly version: number;
  /** {@link MasterKey.id} of the key that sealed it. */
  readonly sealedWith: string;
  /** ISO 8601. */
  readonly updatedAt: string;
  readonly envelope: Envelope;
  /** Tells whether a literal is the one that was applied last, without telling it; null: set by hand. */
  readonly appliedLiteral: string | null;
}

export function sealSecret(
  key: MasterKey,
  place: SecretPlace,
  secret: { readonly value: string; readonly version: number; readonly isLiteral: boolean; readonly appliedLiteral: string | null },
): SecretFile {
  return {
    format: 1,
    ...{ project: place.project, cluster: place.cluster, name: place.name },
    version: secret.version,
    sealedWith: key.id,
    updatedAt: new Date().toISOString(),
    envelope: sealEnvelope(key.bytes, boundTo(key, place, secret.version), secret.value),
    appliedLiteral: secret.isLiteral ? fingerprintOf(key, place, secret.value) : secret.appliedLiteral,
  };
}

/** @throws ExosphereError `vault-damaged` */
export function openSecret(key: MasterKey, place: SecretPlace, file: SecretFile, path: string): string {
  try {
    return openEnvelope(key.bytes, boundTo(key, place, file.version), file.envelope);
  } catch (cause) {
    throw damaged(`The secret '${place.name}'`, path, cause);
  }
}

/** Whoever has no key learns nothing from it. */
export function fingerprintOf(key: MasterKey, place: SecretPlace, value: string): string {
  return createHmac('sha256', key.bytes)
    .update(JSON.stringify(['literal', placeText(place), value]))
    .digest('hex');
}

function boundTo(key: MasterKey, place: SecretPlace, version: number): string {
  return JSON.stringify([1, placeText(place), version, key.id]);
}

/** Null: there is none. */
export async function readSecretFile(path: string): Promise<SecretFile | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (systemCodeOf(cause) === 'ENOENT') return null;
    throw cause;
  }
  try {
    const file = JSON.parse(text) as Omit<SecretFile, 'format'> & { readonly format: unknown }; // its form is asked here, its content by its seal
    if (file.format === 1 && typeof file.envelope.value.bytes === 'string') return { ...file, format: 1 };
  } catch (cause) {
    throw damaged('A secret', path, cause);
  }
  throw damaged('A secret', path);
}

/** The paths of all secrets in a folder. */
export async function secretPaths(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => name.endsWith('.json')).map((name) => join(folder, name));
  } catch (cause) {
    if (systemCodeOf(cause) === 'ENOENT') return [];
    throw cause;
  }
}
