import type { Json } from '@exosphere/model';

export interface ItemChunk {
  readonly from: number;
  readonly count: number;
  /** JSON text of the list. */
  readonly objects: string;
}

const mostObjects = 500;
const mostCharacters = 1_048_576;

/** A list in parts of at most 500 objects and about 1 MiB; one object that is larger has a part of its own. */
export function chunksOf(items: readonly Json[]): readonly ItemChunk[] {
  const chunks: ItemChunk[] = [];
  let texts: string[] = [];
  let length = 0;
  const close = (end: number): void => {
    if (texts.length > 0) chunks.push({ from: end - texts.length, count: texts.length, objects: `[${texts.join(',')}]` });
    texts = [];
    length = 0;
  };
  items.forEach((item, index) => {
    const text = JSON.stringify(item);
    if (texts.length === mostObjects || (texts.length > 0 && length + text.length > mostCharacters)) close(index);
    texts.push(text);
    length += text.length + 1;
  });
  close(items.length);
  return chunks;
}
