import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ExosphereError } from '@exosphere/model';
import type { SecretSource } from '@exosphere/ports';
import type { MasterKey } from './master-key.ts';
import { masterKeyOf } from './master-key.ts';
import { fingerprintOf, openSecret, readSecretFile, sealSecret, secretPaths } from './secret-file.ts';
import type { SecretPlace } from './secret-place.ts';
import { fileNameOf } from './secret-place.ts';
import { asVaultFailure } from './vault-failure.ts';
import { writeDurably } from './write-durably.ts';

/** What may be told of a secret. */
export interface SecretNote extends SecretPlace {
  readonly version: number;
  /** ISO 8601. */
  readonly updatedAt: string;
}

/** A vault in a folder of this machine. Values go in, and come out for attempts only. */
export interface FileVault extends SecretSource {
  set(place: SecretPlace, value: string): Promise<void>;
  /** False: there was none. */
  remove(place: SecretPlace): Promise<boolean>;
  list(): Promise<readonly SecretNote[]>;
  /**
   * Takes in the values that a cluster file gives: those that differ from what the file gave last, so that an old file never puts its
   * value over one that was set since. Answers with the names that were written.
   */
  applyLiterals(project: string, cluster: string, literals: Readonly<Record<string, string>>): Promise<readonly string[]>;
}

/**
 * Opens the vault of a folder (`vault.key`, mode 0600, and `secrets/`), which is made at the first write. Any number of processes may
 * use it; of two writes to one secret the last wins.
 *
 * Every method fails with ExosphereError: `vault-unavailable` (retryable), `vault-key-missing`, `vault-key-exposed`,
 * `vault-key-invalid`, `vault-damaged`.
 */
export function openFileVault({ folder }: { readonly folder: string }): FileVault {
  const secrets = join(folder, 'secrets');
  const pathOf = (place: SecretPlace): string => join(secrets, fileNameOf(place));
  const hasSecrets = async (): Promise<boolean> => (await secretPaths(secrets)).length > 0;
  const key = (): Promise<MasterKey> => masterKeyOf(join(folder, 'vault.key'), hasSecrets);

  const write = async (place: SecretPlace, value: string, isLiteral: boolean): Promise<void> => {
    if (value === '')
      throw new ExosphereError('secret-invalid', `The secret '${place.name}' has an empty value. Give it one, or remove it.`);
    const master = await key();
    const known = await readSecretFile(pathOf(place));
    const secret = { value, version: (known?.version ?? 0) + 1, isLiteral, appliedLiteral: known?.appliedLiteral ?? null };
    await writeDurably(pathOf(place), `${JSON.stringify(sealSecret(master, place, secret))}\n`, 'replace');
  };

  const read = async (place: SecretPlace): Promise<string | null> => {
    const file = await readSecretFile(pathOf(place));
    return file === null ? null : openSecret(await key(), place, file, pathOf(place));
  };

  return {
    open: (names, { project, cluster, signal }) =>
      orFailure('open secrets', async () => {
        const values = new Map<string, string>();
        for (const name of names) {
          signal.throwIfAborted();
          const value = (await read({ project, cluster, name })) ?? (await read({ project, cluster: null, name }));
          if (value !== null) values.set(name, value);
        }
        return values;
      }),
    set: (place, value) => orFailure('store a secret', () => write(place, value, false)),
    remove: (place) =>
      orFailure('remove a secret', async () => {
        if ((await readSecretFile(pathOf(place))) === null) return false;
        await rm(pathOf(place), { force: true });
        return true;
      }),
    list: () => orFailure('list secrets', () => listSecrets(secrets)),
    applyLiterals: (project, cluster, literals) =>
      orFailure('store the secrets of a file', async () => {
        const written: string[] = [];
        for (const [name, value] of Object.entries(literals)) {
          const place = { project, cluster, name };
          const known = await readSecretFile(pathOf(place));
          if (known !== null && known.appliedLiteral === fingerprintOf(await key(), place, value)) continue;
          await write(place, value, true);
          written.push(name);
        }
        return written;
      }),
  };
}

async function listSecrets(folder: string): Promise<readonly SecretNote[]> {
  const notes: SecretNote[] = [];
  for (const path of await secretPaths(folder)) {
    const file = await readSecretFile(path);
    if (file === null) continue; // removed meanwhile
    const { project, cluster, name, version, updatedAt } = file;
    notes.push({ project, cluster, name, version, updatedAt });
  }
  const order = ({ project, cluster, name }: SecretNote): string => `${project}\n${cluster ?? ''}\n${name}`;
  return notes.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

async function orFailure<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw asVaultFailure(cause, doing);
  }
}
