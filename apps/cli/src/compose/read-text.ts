import { readFile } from 'node:fs/promises';
import { ExosphereError } from '@exosphere/model';
import { UsageError } from '../command/usage-error.ts';

/**
 * The text of a file that the user named.
 *
 * @throws ExosphereError `file-unreadable`
 */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new ExosphereError('file-unreadable', `The file '${path}' cannot be read: ${why(cause)}.`, { cause });
  }
}

function why(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  if (code === 'ENOENT') return 'there is none';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'you may not read it';
  return cause instanceof Error ? cause.message : String(cause);
}

/**
 * The JSON of a text that the user gave.
 *
 * @param what begins the message: `The file 'x'`
 * @throws UsageError
 */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${what} is no JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
