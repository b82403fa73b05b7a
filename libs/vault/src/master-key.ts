import { createHash, randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { ExosphereError } from '@exosphere/model';
import { systemCodeOf } from './vault-failure.ts';
import { writeDurably } from './write-durably.ts';

/** The key that opens all envelopes of a vault. */
export interface MasterKey {
  /** Names the key without telling it. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads the key of a vault.
 *
 * @param hasSecrets a vault that has secrets never gets a new key: they could not be opened any more
 * @throws ExosphereError `vault-key-missing`, `vault-key-exposed`, `vault-key-invalid`
 */
export async function masterKeyOf(path: string, hasSecrets: () => Promise<boolean>): Promise<MasterKey> {
  const known = await readKey(path);
  if (known !== null) return known;
  if (await hasSecrets()) {
    throw new ExosphereError(
      'vault-key-missing',
      `The vault has secrets, but its key '${path}' is gone. Put the key back, or delete the folder 'secrets' beside it and set them anew.`,
    );
  }
  await writeDurably(path, `${randomBytes(32).toString('base64')}\n`, 'only-new');
  const made = await readKey(path); // another process may have been first
  if (made === null)
    throw new ExosphereError('vault-unavailable', `The vault's key '${path}' vanished while it was made.`, { retryable: true });
  return made;
}

async function readKey(path: string): Promise<MasterKey | null> {
  const text = await textOf(path);
  if (text === null) return null;
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    const found = (mode & 0o777).toString(8);
    throw new ExosphereError(
      'vault-key-exposed',
      `The vault's key '${path}' can be read by others (mode ${found}). Run: chmod 600 '${path}'`,
    );
  }
  const bytes = Buffer.from(text.trim(), 'base64');
  if (bytes.length !== 32) {
    throw new ExosphereError(
      'vault-key-invalid',
      `The vault's key '${path}' has ${bytes.length} bytes, expected 32 in base64. Put the right file back.`,
    );
  }
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 16), bytes };
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (systemCodeOf(cause) === 'ENOENT') return null;
    throw cause;
  }
}
