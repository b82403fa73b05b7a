export type { DockerLimits, DockerRuntime, DockerRuntimeOptions } from './docker-runtime.ts';
export { createDockerRuntime, imagePin, requireContainerEngine } from './docker-runtime.ts';
export type { GpuInventory, InventoryOptions } from './gpu/inventory.ts';
export { findGpus } from './gpu/inventory.ts';
export type { Gpu } from './gpu/gpu.ts';
export { gpusText } from './gpu/gpu.ts';
