export type { Catalog, CatalogCluster, CatalogSatellite, UnknownVersion } from './check/catalog.ts';
export type { ClusterReading, ReadClusterOptions } from './plan/read-cluster.ts';
export { readCluster } from './plan/read-cluster.ts';
export { clusterFileSchema } from './read/cluster-shape.ts';
