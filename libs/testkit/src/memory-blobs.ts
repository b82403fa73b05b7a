import { createHash } from 'node:crypto';
import { ExosphereError } from '@exosphere/model';
import type { BlobStore } from '@exosphere/ports';

/** Blobs of a test, in memory. */
export function memoryBlobs(): BlobStore {
  const stored = new Map<string, Buffer>();
  const keyOf = (project: string, digest: string): string => `${project} ${digest}`;
  return {
    async write(project, content) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      stored.set(keyOf(project, digest), bytes);
      return { digest, size: bytes.byteLength };
    },
    async read(project, digest) {
      const bytes = stored.get(keyOf(project, digest));
      if (bytes === undefined) throw new ExosphereError('blob-missing', `Project '${project}' has no file ${digest}.`);
      return (async function* () {
        for (let start = 0; start < bytes.byteLength; start += 65_536) yield bytes.subarray(start, start + 65_536);
      })();
    },
    has: async (project, digest) => stored.has(keyOf(project, digest)),
    remove: async (project, digest) => void stored.delete(keyOf(project, digest)),
  };
}
