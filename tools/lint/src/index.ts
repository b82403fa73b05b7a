export type { LayerRule } from './layers.ts';
export { layers, layersOfTests } from './layers.ts';
export { needsReason } from './needs-reason.ts';
export { engineRules, pureCoreRules, pureCoreSyntax, purePackages } from './pure-core.ts';
