import { createHash } from 'node:crypto';
import type { Catalog, CatalogCluster, CatalogSatellite } from '@exosphere/cluster';
import { readCluster } from '@exosphere/cluster';
import type { JsonObject, Plan } from '@exosphere/model';
import { InternalError } from '@exosphere/model';
import type { SatelliteManifest } from '@exosphere/satellite-protocol';
import { canonicalJson } from '@exosphere/satellite-protocol';
import { testCatalogManifests } from './test-satellites.ts';

export { manifestsWith, testCatalogManifests } from './test-satellites.ts';

/** What a test catalog knows. */
export interface TestCatalogContent {
  readonly manifests: readonly SatelliteManifest[];
  /** Cluster files as data, by `project/name`. They may use one another. */
  readonly clusters?: Readonly<Record<string, JsonObject>>;
}

/** A catalog in memory: every satellite has the one version 1.0.0. */
export function testCatalog({ manifests, clusters = {} }: TestCatalogContent): Catalog {
  const satellites = new Map(manifests.map((manifest) => [manifest.identifier, satelliteOf(manifest)]));
  const known = new Map<string, CatalogCluster>();
  const catalog: Catalog = {
    satellite: (reference, range) => {
      const satellite = satellites.get(reference);
      if (satellite === undefined) return 'unknown';
      return range === null || fits(range) ? satellite : { unknownVersion: true, versions: [satellite.version] };
    },
    cluster: (identifier) => {
      const file = clusters[identifier];
      if (file === undefined) return 'unknown';
      const cluster = known.get(identifier) ?? clusterOf(identifier, file, catalog);
      known.set(identifier, cluster);
      return cluster;
    },
    names: () => [...satellites.keys(), ...Object.keys(clusters).map((identifier) => `cluster/${identifier}`)],
  };
  return catalog;
}

/** The plan of a cluster of test satellites, given by the keys of `cluster` that matter; what every cluster must have is added. */
export function testPlan(cluster: JsonObject): Plan {
  const file = { version: '0.0.1b', cluster: { identifier: 'test/plan', sla: '1h', trigger: { 'api-call': {} }, ...cluster } };
  const { plan, diagnostics } = readCluster(JSON.stringify(file), {
    file: null,
    catalog: testCatalog({ manifests: testCatalogManifests }),
  });
  if (plan === null) throw new InternalError(`the test cluster has errors: ${JSON.stringify(diagnostics)}`);
  return plan;
}

function fits(range: string): boolean {
  return ['1.0.0', '^1', '^1.0.0', '1.x', '1', '*'].includes(range);
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function satelliteOf(manifest: SatelliteManifest): CatalogSatellite {
  return { reference: manifest.identifier, version: '1.0.0', digest: digestOf(JSON.stringify(manifest)), manifest };
}

function clusterOf(identifier: string, file: JsonObject, catalog: Catalog): CatalogCluster {
  const { plan, diagnostics } = readCluster(JSON.stringify(file), { file: null, catalog });
  if (plan === null) throw new InternalError(`the test cluster ${identifier} has errors: ${JSON.stringify(diagnostics)}`);
  const uses = plan.steps
    .filter(({ satellite }) => satellite.reference.startsWith('cluster/'))
    .map(({ satellite }) => satellite.reference.slice('cluster/'.length));
  return { identifier, version: '1', digest: digestOf(canonicalJson(file)), slaMs: plan.slaMs, inputs: plan.inputs, uses };
}
