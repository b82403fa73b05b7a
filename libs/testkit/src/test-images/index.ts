export { callEngine, engineAddress, engineAnswers, followEngine } from './engine-api.ts';
export type { EngineAnswer, EngineCall, EngineProgress } from './engine-api.ts';
export { buildImage, findImage, importImage, removeImage } from './image-calls.ts';
export type { EngineImage } from './image-calls.ts';
export { baseImages, howToGetImages, missingImages, requireImages } from './required-images.ts';
export type { BaseImage } from './required-images.ts';
export { registryAuth, startTestRegistry } from './test-registry.ts';
export type { RegistryLogin, TestRegistry } from './test-registry.ts';
