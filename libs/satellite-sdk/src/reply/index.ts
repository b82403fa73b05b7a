export { consoleMethods } from './console-methods.ts';
export { jsonFault } from './json-fault.ts';
export type { OutputLimits } from './output-parts.ts';
export { outputParts } from './output-parts.ts';
export type { KnownFailure, ReplyError } from './reply-error.ts';
export { OutputFault, replyErrorOf, stackOf } from './reply-error.ts';
export type { LogLevel, LogLimits, OnRecord, RequestLog } from './request-log.ts';
export { createRequestLog, fieldsText } from './request-log.ts';
