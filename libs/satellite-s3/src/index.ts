export type { S3Location } from './connect-s3.ts';
export { connectS3 } from './connect-s3.ts';
export { fileNameOf } from './file-name.ts';
export type { S3Client, S3ListOptions, S3Object, S3ObjectInfo, S3PutOptions } from './s3-client.ts';
export { openS3 } from './s3-client.ts';
export { uriOf } from './s3-url.ts';
export type { S3Entry, S3Page } from './s3-xml.ts';
export type { S3Options } from './send-request.ts';
export type { S3Credentials } from './sign-request.ts';
