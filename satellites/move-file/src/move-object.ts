import type { SatelliteContext } from '@exosphere/satellite';
import { SatelliteFailure } from '@exosphere/satellite';
import type { S3Client, S3Object } from '@exosphere/satellite-s3';
import { uriOf } from '@exosphere/satellite-s3';

export interface End {
  readonly client: S3Client;
  readonly object: S3Object;
}

export interface Move {
  readonly from: End;
  readonly to: End;
  /** One storage and one set of keys: it copies by itself. */
  readonly oneStorage: boolean;
  readonly context: Pick<SatelliteContext, 'idempotencyKey' | 'log'>;
}

/** Metadata of a copy: which execution made it. */
const markName = 'exosphere-idempotency-key';
/** S3 copies no larger object in one request. */
const largestCopy = 5 * 2 ** 30;

/**
 * Copies, then deletes the origin. The copy carries the idempotency key, so an execution that was cut off between the two knows its own
 * work: an absent origin is success if the copy is there and ours.
 */
export async function moveObject(move: Move): Promise<void> {
  const { from, to, context } = move;
  const found = await from.client.head(from.object);
  if (found === null) {
    if (await hasOurCopy(move)) return;
    throw originMissing(move);
  }
  if (uriOf(from.object) === uriOf(to.object) && move.oneStorage) return;
  const options = { contentType: found.contentType, metadata: { ...found.metadata, [markName]: context.idempotencyKey } };
  if (move.oneStorage && found.size <= largestCopy) {
    await to.client.copy(from.object, to.object, options);
  } else {
    const content = await from.client.get(from.object);
    if (content === null) throw originMissing(move);
    await to.client.put(to.object, content.body, options);
  }
  if (await isOneObject(move)) return;
  await from.client.remove(from.object);
  context.log.info(`moved ${uriOf(from.object)} to ${uriOf(to.object)}`, { size: found.size });
}

/** The same bucket and key may be two objects in two storages, or one that was moved onto itself: then the origin carries the mark now. */
async function isOneObject({ from, to, context }: Move): Promise<boolean> {
  if (uriOf(from.object) !== uriOf(to.object)) return false;
  const origin = await from.client.head(from.object);
  return origin?.metadata[markName] === context.idempotencyKey;
}

async function hasOurCopy({ to, context }: Move): Promise<boolean> {
  const copy = await to.client.head(to.object);
  return copy?.metadata[markName] === context.idempotencyKey;
}

function originMissing({ from, to }: Move): SatelliteFailure {
  const { bucket, key } = from.object;
  const message = `There is no object '${key}' in bucket '${bucket}' to move, and ${uriOf(to.object)} is no copy that this execution made. Check origin-bucket and origin-file-path.`;
  return new SatelliteFailure(message, { code: 'origin-missing', retryable: false });
}
