import type { FileContent, SatelliteFiles } from './context.ts';
import type { FileValue } from './file-value.ts';
import { SatelliteFailure } from './satellite-failure.ts';

/** The files of a test, in memory, under the digests that they really have. */
export interface TestFiles extends SatelliteFiles {
  /** How many different files there are. */
  readonly size: number;
}

export async function bytesOf(content: FileContent): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  if (content instanceof Uint8Array) return new Uint8Array(content);
  if (content instanceof ArrayBuffer) return new Uint8Array(content.slice(0));
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of content) chunks.push(new Uint8Array(chunk));
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return `sha256:${[...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** A blob store of a test. Put files in with `write`, look at what a satellite wrote with `text` or `bytes`. */
export function createTestFiles(): TestFiles {
  const stored = new Map<string, Uint8Array<ArrayBuffer>>();
  const find = (digest: string): Uint8Array<ArrayBuffer> => {
    const found = stored.get(digest);
    if (found === undefined) throw new SatelliteFailure(`There is no file ${digest}.`, { code: 'blob-missing', retryable: false });
    return found;
  };
  return {
    get size() {
      return stored.size;
    },
    read: ({ file }) => new Blob([find(file)]).stream(),
    bytes: async ({ file }) => find(file).slice(),
    text: async ({ file }) => new TextDecoder().decode(find(file)),
    async write(name, contentType, content) {
      const bytes = await bytesOf(content);
      const file = await digestOf(bytes);
      stored.set(file, bytes);
      const value: FileValue = { file, name, size: bytes.byteLength, 'content-type': contentType };
      return value;
    },
  };
}
