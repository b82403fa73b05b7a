import type { Json, JsonObject } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import type { BlobStore, Ledger, ListScope } from '@exosphere/ports';

/** Writes a list as a file of JSON lines, and gives the file value that stands for it (spec 3.3). */
export async function writeListFile(
  place: {
    readonly ledger: Ledger;
    readonly blobs: BlobStore;
    readonly project: string;
    readonly name: string;
    readonly signal: AbortSignal;
  },
  list: ListScope,
): Promise<JsonObject> {
  let count = 0;
  const encoder = new TextEncoder();
  async function* lines(): AsyncGenerator<Uint8Array> {
    for await (const objects of place.ledger.streamList(list)) {
      count += objects.length;
      yield encoder.encode(objects.map((object: Json) => `${JSON.stringify(object)}\n`).join(''));
    }
  }
  const { digest, size } = await place.blobs.write(place.project, lines(), { signal: place.signal });
  return { file: digest, name: `${place.name}.ndjson`, size, count, 'content-type': 'application/x-ndjson' };
}

/** The error of a list that is too large, but not of any other kind. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof ExosphereError && error.code === 'LIST_TOO_LARGE';
}
