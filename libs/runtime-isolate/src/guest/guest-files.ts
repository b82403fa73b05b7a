import type { FileContent, FileValue, SatelliteFiles } from './contract.ts';
import { ask, tell } from './host-link.ts';
import { chunksOf, exactBuffer, joined } from './web/bytes.ts';

const pieceBytes = 1024 * 1024;

async function* bytesOf(digest: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const file = Number((await ask({ name: 'file-open', digest })).value);
  try {
    for (;;) {
      const { value, bytes } = await ask({ name: 'file-pull', file });
      if (bytes === null) {
        if (value === 'end') return;
        continue;
      }
      yield new Uint8Array(bytes);
    }
  } finally {
    tell({ name: 'file-close', file });
  }
}

async function store(content: FileContent): Promise<{ digest: string; size: number }> {
  const file = Number((await ask({ name: 'file-create' })).value);
  let ended = false;
  try {
    for await (const chunk of chunksOf(content)) {
      for (let start = 0; start < chunk.byteLength; start += pieceBytes) {
        await ask({ name: 'file-append', file }, exactBuffer(chunk.subarray(start, start + pieceBytes)));
      }
    }
    const { value } = await ask({ name: 'file-finish', file });
    ended = true;
    return value as { digest: string; size: number }; // written by the worker
  } finally {
    if (!ended) tell({ name: 'file-close', file });
  }
}

function digestOf(file: unknown): string {
  const digest = typeof file === 'object' && file !== null && 'file' in file ? file.file : null;
  if (typeof digest !== 'string') throw new TypeError('A file value is expected: an object whose field `file` is a digest.');
  return digest;
}

/** The blob store, by digest, in pieces. */
export const guestFiles: SatelliteFiles = {
  read: (file) => {
    const bytes = bytesOf(digestOf(file));
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        const next = await bytes.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await bytes.return(undefined);
      },
    });
  },
  async bytes(file) {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for await (const chunk of bytesOf(digestOf(file))) chunks.push(chunk);
    return joined(chunks);
  },
  async text(file) {
    return new TextDecoder().decode(await this.bytes(file));
  },
  async write(name, contentType, content) {
    const { digest, size } = await store(content);
    const value: FileValue = { file: digest, name, size, 'content-type': contentType };
    return value;
  },
};
