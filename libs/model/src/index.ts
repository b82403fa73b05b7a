export type { Json, JsonObject } from './json.ts';
export { isJsonObject } from './json.ts';
export type { Branded, ClusterId, RunId, ShardId, StepId, WorkerId } from './ids.ts';
export { asId, isRunId, uuidv7 } from './ids.ts';
export type {
  Batch,
  Collect,
  CollectBears,
  Concurrency,
  Condition,
  FailurePlan,
  InputDeclaration,
  LockedImages,
  LockedSatellite,
  Plan,
  PlanStep,
  RateLimit,
  RetryPolicy,
  StepRead,
  TemplateEntry,
  TemplateNode,
  Tolerance,
  Trigger,
} from './plan.ts';
export type { Diagnostic } from './diagnostics.ts';
export type { DiagnosticCode } from './diagnostic-codes.ts';
export { diagnosticCodes } from './diagnostic-codes.ts';
export { ExosphereError, InternalError, unreachable } from './errors.ts';
export type {
  Branch,
  EndedRunStatus,
  EndedStatus,
  Execution,
  ExecutionError,
  ExecutionKey,
  ExecutionStatus,
  Path,
  RunStatus,
} from './execution.ts';
export type { LogLevel, LogRecord } from './log-record.ts';
export { isAtLeast } from './log-record.ts';
