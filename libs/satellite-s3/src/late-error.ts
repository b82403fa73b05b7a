import { SatelliteFailure } from '@exosphere/satellite';
import type { S3Place } from './s3-url.ts';
import { uriOf } from './s3-url.ts';

/** Long operations answer 200 before they have succeeded, and put the error into the body. */
export function refuseLateError(xml: string, place: S3Place): void {
  if (!xml.includes('<Error>')) return;
  throw new SatelliteFailure(`S3 gave up writing ${uriOf(place)} half-way.`, { code: 's3-unavailable', retryable: true });
}
