type Bytes = Uint8Array<ArrayBuffer>;

/** An ArrayBuffer that holds these bytes and no others. */
export function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** The bytes of any buffer or view, copied. */
export function bytesOf(source: ArrayBuffer | ArrayBufferView): Bytes {
  if (source instanceof ArrayBuffer) return new Uint8Array(source.slice(0));
  return new Uint8Array(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
}

export function joined(chunks: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}

function isStream(content: object): content is ReadableStream<Uint8Array> {
  return content instanceof ReadableStream;
}

function chunkOf(chunk: unknown): Bytes {
  if (typeof chunk === 'string') return new TextEncoder().encode(chunk);
  if (chunk instanceof ArrayBuffer || ArrayBuffer.isView(chunk)) return bytesOf(chunk);
  throw new TypeError('A stream of bytes is expected: each chunk a Uint8Array.');
}

async function* chunksOfStream(stream: ReadableStream<unknown>): AsyncGenerator<Bytes> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const next = await reader.read();
      if (next.done) {
        ended = true;
        return;
      }
      yield chunkOf(next.value);
    }
  } finally {
    if (!ended) await reader.cancel();
    reader.releaseLock();
  }
}

/** The bytes of a text, of bytes, or of a stream, piece by piece. */
export async function* chunksOf(content: unknown): AsyncGenerator<Bytes> {
  if (typeof content === 'string' || content instanceof ArrayBuffer || ArrayBuffer.isView(content)) yield chunkOf(content);
  else if (typeof content === 'object' && content !== null && isStream(content)) yield* chunksOfStream(content);
  else if (typeof content === 'object' && content !== null && Symbol.asyncIterator in content) {
    for await (const chunk of content as AsyncIterable<unknown>) yield chunkOf(chunk); // it has an async iterator; its chunks are checked
  } else throw new TypeError('Text, bytes or a stream of bytes is expected.');
}
