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
export { memoryBlobs } from './memory-blobs.ts';
export { createMemoryLedger } from './memory-ledger.ts';
export type { MemoryLedger, MemoryLedgerOptions, MemoryLook } from './memory-ledger.ts';
export type { MemoryRun, MemoryShard } from './memory-ledger/memory.ts';
export type { WakeUpFaults } from './memory-ledger/wake-up-queue.ts';
export type { CrashPoint } from './crash-points.ts';
export { withCrashPoints } from './crash-points.ts';
export type { RunEnd, SettleEnd, SettleOptions, SimulatedClock, SimulatedClockOptions } from './simulated-clock.ts';
export { createSimulatedClock } from './simulated-clock.ts';
export type { SeededRandom } from './seeded-random.ts';
export { seededRandom } from './seeded-random.ts';
export {
  baseImages,
  buildImage,
  callEngine,
  engineAddress,
  engineAnswers,
  findImage,
  followEngine,
  howToGetImages,
  importImage,
  missingImages,
  registryAuth,
  removeImage,
  requireImages,
  startTestRegistry,
} from './test-images/index.ts';
export type { BaseImage, EngineAnswer, EngineCall, EngineImage, EngineProgress, RegistryLogin, TestRegistry } from './test-images/index.ts';
