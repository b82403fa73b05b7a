export { LocalModelFailure } from './local-model-failure.ts';
export type { LocalModel, LocalModelOptions } from './start-local-model.ts';
export { localModelName, startLocalModel } from './start-local-model.ts';
