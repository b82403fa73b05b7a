/** What one measurement found: a number for each metric of the workload. */
export type Measures = Readonly<Record<string, number>>;

/** Where a contender works. */
export interface Place {
  /** A database of its own, in the one server that all contenders share. */
  readonly databaseUrl: string;
  /** Null: there is no Redis here. */
  readonly redisPort: number | null;
}

/** A contender that is ready: connected, its schema made, its workers running. */
export interface OpenContender {
  /** Carries the workload out once. */
  measure(): Promise<Measures>;
  close(): Promise<void>;
}

/** Opens a contender in the process that calls. */
export type OpenContenderIn = (place: Place) => Promise<OpenContender>;

/** One that takes part in a workload. */
export interface Contender {
  /** What it is called in tables: `engine`, `graphile-worker`. */
  readonly name: string;
  /** It is not of Exosphere. */
  readonly isPeer: boolean;
  readonly needs: 'postgres' | 'redis' | 'containers' | 'nothing';
  /** Most rounds; absent: as many as are asked for. Where one measurement holds rounds of its own. */
  readonly mostRounds?: number;
  /** What it costs in memory and CPU is not that of its process. */
  readonly withoutCosts?: true;
  /** Loads the code of this contender alone, so that its memory is its own. */
  readonly load: () => Promise<OpenContenderIn>;
}
