import type { JsonObject } from './json.ts';

/**
 * What a satellite says of itself (spec 4.1), as it is used: units converted, defaults filled in, null where the file says nothing.
 *
 * A `satellite.yaml` becomes one by `readManifest`, plain data by `manifestFrom`.
 */
export interface SatelliteManifest {
  readonly manifest: 1;
  /** `satellite/project/name`. */
  readonly identifier: string;
  readonly title: string | null;
  readonly description: string | null;
  /** `configured` here means: resolved, the code of another satellite with {@link SatelliteManifest.preset} set. */
  readonly kind: 'exosphere' | 'community' | 'custom' | 'configured';
  readonly runtime: SatelliteRuntimeNeeds;
  readonly resources: Resources;
  /** Time limit of one attempt in ms, where neither step nor cluster names one. */
  readonly timeoutMs: number | null;
  /** Hosts that may be reached: `api.example.com`, `*.example.com`, `*`. Empty: none. */
  readonly network: { readonly allow: readonly string[] };
  /** The keys that a step may set in its `secrets` mapping. */
  readonly secrets: readonly string[];
  /** JSON Schema (2020-12) of the config. */
  readonly config: JsonObject;
  /** JSON Schema of the input. */
  readonly input: JsonObject;
  readonly output: OutputDeclaration;
  /** Config values that are set in advance; a step may not set them. Empty but for configured satellites. */
  readonly preset: JsonObject;
}

/** A satellite without code: another one with a part of its config set (spec 4.1). `resolveConfigured` makes a manifest of it. */
export interface ConfiguredManifest {
  readonly manifest: 1;
  readonly identifier: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly kind: 'configured';
  /** `satellite/project/name@range`. */
  readonly from: string;
  readonly preset: JsonObject;
}

export interface OutputDeclaration {
  /** `{config: key}`: the literal value of that config key, `one` (the default) or `many`. */
  readonly cardinality: 'one' | 'many' | { readonly config: string };
  /** The field of an output object that stands for it in text. */
  readonly text: string | null;
  /** The field that is unique within the list; allows streaming. */
  readonly key: string | null;
  /** JSON Schema of one object. */
  readonly schema: JsonObject;
}

export type SatelliteRuntimeNeeds = IsolateNeeds | DockerNeeds;

export interface IsolateNeeds {
  readonly kind: 'isolate';
  /** The module whose default export is the satellite, relative to the package. */
  readonly entry: string;
  readonly memoryBytes: number;
  /** Requests that one context works on at a time, and most that one call carries. */
  readonly concurrency: number;
}

export interface DockerNeeds {
  readonly kind: 'docker';
  /** Folder of the Dockerfile, relative to the package; null: {@link DockerNeeds.image} is pulled. */
  readonly build: string | null;
  readonly image: string | null;
  /**
   * The module with the satellite, relative to the package; null: the image has its own way. What runs it is put into the build
   * context: for JavaScript and TypeScript one bundle, `satellite.mjs`, for Python the package `exosphere_satellite`.
   */
  readonly entry: string | null;
  readonly command: readonly string[] | null;
  /** `worker`: a warm container is fed many requests; `once`: one container for each execution. */
  readonly mode: 'worker' | 'once';
  /** Requests that one warm container works on at a time. */
  readonly concurrency: number;
  /** A warm companion, reached as `http://server`. */
  readonly server: ServerNeeds | null;
}

export interface ServerNeeds {
  readonly image: string;
  readonly command: readonly string[] | null;
  readonly port: number;
  /** Path that answers 200 once the server can work. */
  readonly ready: string;
  /** Absolute paths that are kept between starts. */
  readonly volumes: readonly string[];
  readonly resources: Resources;
}

export interface Resources {
  /** Cores; null: the host's default. */
  readonly cpu: number | null;
  readonly memoryBytes: number | null;
  readonly gpu: GpuNeeds | null;
}

/** The graphics cards that a container needs. */
export interface GpuNeeds {
  /** How many; `all`: every card of the host that fits. With {@link GpuNeeds.deviceIds} it is their number. */
  readonly count: number | 'all';
  readonly driver: string;
  /** All of them: `gpu`, `compute`, `utility`, … */
  readonly capabilities: readonly string[];
  /** The size that a card is sold as. */
  readonly minMemoryBytes: number | null;
  /** These cards and no others: ids or indices, as the driver has them. */
  readonly deviceIds: readonly string[] | null;
  /** Options of the driver, as they are. */
  readonly options: Readonly<Record<string, string>>;
}
