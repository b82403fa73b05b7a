export type { IsolateLimits, IsolateRuntime, IsolateRuntimeOptions } from './isolate-runtime.ts';
export { createIsolateRuntime } from './isolate-runtime.ts';
