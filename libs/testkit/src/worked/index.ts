export type { Fate, Fates } from './crew.ts';
export { ledgerStage } from './ledger-stage.ts';
export type { MemoryStageOptions } from './memory-stage.ts';
export { memoryStage } from './memory-stage.ts';
export { playedAsStated } from './played-as-stated.ts';
export { playCase } from './play-case.ts';
export type { Played, Stage } from './play-case.ts';
export { randomFrom } from './random-from.ts';
