export type { Options } from './read-options.ts';
export type { Report, Result } from './report/result.ts';
export { runBench } from './run-bench.ts';
