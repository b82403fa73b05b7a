export type { HttpAnswer, HttpFailureCode, HttpRequest } from './exchange.ts';
export { exchange } from './exchange.ts';
export { isSuccess, refusal } from './refusal.ts';
export { retryAfterMs } from './retry-after.ts';
