export type { BlobRegister, BlobStore, FileValue } from './blobs.ts';
export type { Clock } from './clock.ts';
export type { ExecutionsAt, Lease, LeaseNews, Ledger, ListLimits, ListScope, Reopening } from './ledger.ts';
export type {
  AttemptRow,
  ChunkRow,
  ClaimedShard,
  CommitBatch,
  CommitOutcome,
  CommitShard,
  CountDelta,
  CreateOutcome,
  ExecutionRow,
  FailureDelta,
  GateDelta,
  GateRow,
  LogChunkRow,
  MemberList,
  NewRun,
  NewShard,
  OverdueRun,
  RunControl,
  RunRow,
  ShardWait,
} from './ledger-rows.ts';
export type {
  CallEnd,
  OpenOptions,
  OpenSatellite,
  SatelliteCall,
  SatelliteError,
  SatelliteEvents,
  SatelliteLog,
  SatelliteReply,
  SatelliteRequest,
  SatelliteRuntime,
  Violation,
} from './satellite-runtime.ts';
export type { SecretSource } from './secrets.ts';
export type { WorkerReport } from './worker-report.ts';
export type { LogChunk, LogChunks, LogCursor, LogReader, SinkState } from './log-reader.ts';
export type {
  AttemptDetail,
  ExecutionFilter,
  FailureGroup,
  LogFilter,
  LogPage,
  Page,
  PageRequest,
  RunDetail,
  RunFilter,
  RunReader,
} from './run-reader.ts';
