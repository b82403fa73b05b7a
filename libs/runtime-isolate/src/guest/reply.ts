// What both runtimes reply with. It has an entry of its own, since authors of satellites have no use for it.
// eslint-disable-next-line no-restricted-imports -- see above
export { consoleMethods, createRequestLog, fieldsText, OutputFault, outputParts, replyErrorOf, stackOf } from '@exosphere/satellite/reply';
// eslint-disable-next-line no-restricted-imports -- see above
export type { LogLevel, RequestLog } from '@exosphere/satellite/reply';
