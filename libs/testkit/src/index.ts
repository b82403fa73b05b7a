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
