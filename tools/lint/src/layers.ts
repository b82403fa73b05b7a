/** One row of the layer table: what a package with this tag may import. */
export interface LayerRule {
  readonly sourceTag: string;
  /** Tags of which the imported package must have at least one. `[]`: it imports nothing of ours. */
  readonly onlyDependOnLibsWithTags: string[];
  /** npm packages that it may import. Absent: those that its package.json names. */
  readonly allowedExternalImports?: string[];
}

const core = ['layer:model', 'layer:core'];
const belowAdapters = ['layer:model', 'layer:protocol', 'layer:package', 'layer:ports'];

/**
 * Imports go down only, and neighbours in a row do not import each other. A package answers to every row that has one of its tags.
 * Where a package may import less than its layer, or a neighbour, its own `pkg:` row says so.
 */
export const layers: readonly LayerRule[] = [
  { sourceTag: 'layer:model', onlyDependOnLibsWithTags: [], allowedExternalImports: [] },
  { sourceTag: 'layer:protocol', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'layer:package', onlyDependOnLibsWithTags: ['layer:model', 'layer:protocol', 'pkg:satellite-python'] },

  { sourceTag: 'layer:core', onlyDependOnLibsWithTags: ['layer:model', 'pkg:satellite-protocol', 'pkg:expression'] },
  { sourceTag: 'pkg:expression', onlyDependOnLibsWithTags: [], allowedExternalImports: [] },
  {
    sourceTag: 'pkg:cluster',
    onlyDependOnLibsWithTags: ['layer:model', 'pkg:expression', 'pkg:satellite-protocol'],
    allowedExternalImports: ['ajv', 'ajv/*', 'yaml'],
  },
  { sourceTag: 'pkg:run-machine', onlyDependOnLibsWithTags: ['layer:model', 'pkg:expression'], allowedExternalImports: [] },
  { sourceTag: 'pkg:scheduling', onlyDependOnLibsWithTags: ['layer:model'], allowedExternalImports: [] },

  { sourceTag: 'layer:ports', onlyDependOnLibsWithTags: ['layer:model'], allowedExternalImports: [] },
  {
    sourceTag: 'layer:engine',
    onlyDependOnLibsWithTags: [...core, 'layer:ports', 'pkg:satellite-protocol'],
    allowedExternalImports: [],
  },

  { sourceTag: 'layer:adapter', onlyDependOnLibsWithTags: belowAdapters },
  { sourceTag: 'layer:satellite-lib', onlyDependOnLibsWithTags: ['pkg:satellite-sdk', 'pkg:satellite-protocol', 'pkg:satellite-http'] },
  { sourceTag: 'layer:satellite', onlyDependOnLibsWithTags: ['pkg:satellite-sdk', 'layer:satellite-lib'] },

  {
    sourceTag: 'layer:testkit',
    onlyDependOnLibsWithTags: [...core, 'layer:protocol', 'layer:package', 'layer:ports', 'layer:engine', 'layer:adapter', 'layer:testkit'],
  },
  {
    sourceTag: 'layer:app',
    onlyDependOnLibsWithTags: [...core, 'layer:protocol', 'layer:package', 'layer:ports', 'layer:engine', 'layer:adapter'],
  },
  { sourceTag: 'layer:tool', onlyDependOnLibsWithTags: ['*'] },
];

/** A test may import what its package may, and the testkit. What a test takes from npm is not the product's affair. */
export const layersOfTests: readonly LayerRule[] = layers.map(({ sourceTag, onlyDependOnLibsWithTags }) => ({
  sourceTag,
  onlyDependOnLibsWithTags: [...onlyDependOnLibsWithTags, 'layer:testkit'],
}));
