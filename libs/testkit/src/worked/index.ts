export { ledgerStage } from './ledger-stage.ts';
export { playedAsStated } from './played-as-stated.ts';
export { playCase } from './play-case.ts';
export type { Played, Stage } from './play-case.ts';
