import type { SatelliteContext } from '@exosphere/satellite';
import { SatelliteFailure } from '@exosphere/satellite';
import type { S3Client } from './s3-client.ts';
import { openS3 } from './s3-client.ts';

/** Where a bucket is, as a satellite's config says it. */
export interface S3Location {
  readonly region?: string | undefined;
  /** Base URL of an S3-compatible storage. Default: AWS. */
  readonly endpoint?: string | undefined;
}

/**
 * Connects with the secrets `<prefix>AWS_ACCESS_KEY`, `<prefix>AWS_SECRET_KEY` and, where there is one, `<prefix>AWS_SESSION_TOKEN`.
 * The environment's endpoint `s3` replaces the location's.
 *
 * Fails with `secret-missing`, not retryable, which names the secret.
 */
export function connectS3(
  context: Pick<SatelliteContext, 'endpoint' | 'signal'>,
  location: S3Location,
  secrets: Readonly<Record<string, string>>,
  prefix = '',
): S3Client {
  return openS3({
    endpoint: (region) => context.endpoint('s3', location.endpoint ?? `https://s3.${region}.amazonaws.com`),
    region: location.region ?? null,
    credentials: {
      accessKeyId: required(secrets, `${prefix}AWS_ACCESS_KEY`),
      secretAccessKey: required(secrets, `${prefix}AWS_SECRET_KEY`),
      sessionToken: secrets[`${prefix}AWS_SESSION_TOKEN`],
    },
    signal: context.signal,
  });
}

function required(secrets: Readonly<Record<string, string>>, name: string): string {
  const value = secrets[name];
  if (value !== undefined && value !== '') return value;
  throw new SatelliteFailure(`The step has no secret ${name}: add '${name}: \${{ secrets.… }}' to its secrets.`, {
    code: 'secret-missing',
    retryable: false,
  });
}
