import type { S3Server } from '@exosphere/testkit';
import { startS3Server } from '@exosphere/testkit';
import type { ReportFile } from '../reports/report-files.ts';
import { demoSecrets, failureBucket, reportsBucket } from './demo-credentials.ts';

/**
 * Stands for S3, with the reports in both buckets: the example's failure chain takes a file from the failure bucket, under the key that
 * it has in the other one.
 */
export async function startBuckets(files: readonly ReportFile[], port: number): Promise<S3Server> {
  const server = await startS3Server({
    port,
    accessKeys: [
      { id: demoSecrets.AWS_ACCESS_KEY, secret: demoSecrets.AWS_SECRET_KEY, buckets: [reportsBucket, failureBucket] },
      { id: demoSecrets.FAILURE_S3_AWS_ACCESS_KEY, secret: demoSecrets.FAILURE_S3_AWS_SECRET_KEY, buckets: [failureBucket] },
    ],
    buckets: [reportsBucket, failureBucket],
  });
  for (const { key, content } of files) {
    for (const bucket of [reportsBucket, failureBucket]) await server.put(bucket, key, content, { contentType: 'application/pdf' });
  }
  return server;
}
