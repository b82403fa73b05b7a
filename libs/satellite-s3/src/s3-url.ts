import { SatelliteFailure } from '@exosphere/satellite';
import { canonicalQuery, encodeStrictly } from './sign-request.ts';

/** What a request is about: a bucket, or one object in it. */
export interface S3Place {
  readonly bucket: string;
  readonly key?: string | undefined;
}

/** `s3://bucket/key`, for people and as `file-uri`. */
export function uriOf({ bucket, key }: S3Place): string {
  return key === undefined ? `s3://${bucket}` : `s3://${bucket}/${key}`;
}

/** Bucket and key as part of a path. */
export function pathOf({ bucket, key }: S3Place): string {
  const path = `/${encodeStrictly(bucket)}`;
  return key === undefined ? path : `${path}/${key.split('/').map(encodeStrictly).join('/')}`;
}

/**
 * The path-style URL of a bucket or object.
 *
 * A key with a `.` or `..` segment is refused: URLs swallow such segments, so the request would reach another object.
 */
export function urlOf(endpoint: string, place: S3Place, query: Readonly<Record<string, string>>): URL {
  const base = endpoint.replace(/\/+$/, '');
  const path = pathOf(place);
  const url = new URL(base + path);
  if (!url.pathname.endsWith(path) || place.bucket === '' || place.key === '') {
    throw new SatelliteFailure(`${uriOf(place)} cannot be addressed: a bucket and a key without '.' and '..' segments are expected.`, {
      code: 'key-unsupported',
      retryable: false,
    });
  }
  url.search = canonicalQuery(new URLSearchParams(query));
  return url;
}
