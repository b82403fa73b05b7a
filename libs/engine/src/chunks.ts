/** Objects of a chunk: `from` … of the list. */
export interface Chunk {
  readonly from: number;
  readonly count: number;
  /** JSON text of the list. */
  readonly objects: string;
}

const mostObjects = 500;
const mostBytes = 1024 * 1024;

/** Cuts a list, whose objects are JSON texts, into rows of at most 500 objects and 1 MiB (one object may be larger). */
export function cutIntoChunks(texts: readonly string[], from: number): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let first = 0;
  let bytes = 0;
  texts.forEach((text, i) => {
    const isFull = i > first && ((from + i) % mostObjects === 0 || bytes + text.length > mostBytes);
    if (isFull) {
      chunks.push(chunk(texts, from, first, i));
      first = i;
      bytes = 0;
    }
    bytes += text.length;
  });
  if (texts.length > first) chunks.push(chunk(texts, from, first, texts.length));
  return chunks;
}

function chunk(texts: readonly string[], from: number, first: number, end: number): Chunk {
  return { from: from + first, count: end - first, objects: `[${texts.slice(first, end).join(',')}]` };
}
