import { testCatalogManifests } from '@exosphere/testkit/test-catalog';
import { testCatalog } from '@exosphere/testkit/test-catalog';
import type { Catalog } from '../check/catalog.ts';
import { extraManifests } from './extra-manifests.ts';

/** The satellites of the worked examples and the stricter ones, with the cluster `test/inner` that takes a number. */
export const catalog: Catalog = testCatalog({
  manifests: [...testCatalogManifests, ...extraManifests],
  clusters: {
    'test/inner': {
      version: '0.0.1b',
      cluster: {
        identifier: 'test/inner',
        sla: '6h',
        trigger: 'api-call',
        inputs: { n: { type: 'number', required: true } },
        satellites: [{ identifier: 'only', uses: 'test/echo' }],
      },
    },
  },
});
