export { manifestsWith, testCatalogManifests } from './test-satellites.ts';
export { workedExamples } from './worked-examples.ts';
export type {
  WorkedAction,
  WorkedCase,
  WorkedCounts,
  WorkedDiagnostic,
  WorkedEvent,
  WorkedExpectation,
  WorkedFault,
  WorkedInnerRun,
} from './worked-example-types.ts';
export type { S3AccessKey, S3Server, S3ServerOptions, StoredS3Object } from './s3-server.ts';
export { startS3Server } from './s3-server.ts';
export type { HttpReceiver, ReceivedRequest, ReceiverAnswer, ReceiverOptions } from './http-receiver.ts';
export { startReceiver } from './http-receiver.ts';
export { createTestDatabase, startTestDatabase } from './test-database.ts';
export type { TestDatabase, TestDatabaseOptions } from './test-database.ts';
