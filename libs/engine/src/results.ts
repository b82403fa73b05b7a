import type { ExecutionError, Json, JsonObject, Path } from '@exosphere/model';
import type { BlobStore, ExecutionRow, Ledger, ListScope } from '@exosphere/ports';
import { stepAt } from '@exosphere/run-machine';
import { ExosphereError } from '@exosphere/model';
import { itemKey } from './item.ts';
import { isTooLarge, writeListFile } from './list-file.ts';
import type { ObjectTexts } from './object-texts.ts';
import type { RunInfo } from './run-info.ts';

/** What is known of an execution that ended. Null where there is none (it was passed over, or has not ended). */
export interface EndedFacts {
  readonly status: ExecutionRow['status'];
  readonly error: ExecutionError | null;
  readonly attempts: number;
  readonly retries: number;
  readonly round: number;
  readonly startedAt: number | null;
  readonly endedAt: number;
  readonly metrics: Json;
  /** The one object of a step that does not fan out. */
  readonly object: Json;
  readonly objects: number;
}

/** Where lists go that are too large to be values. */
export interface ListFiles {
  readonly blobs: BlobStore;
  readonly signal: AbortSignal;
}

export interface ExecutionAt {
  readonly step: number;
  readonly path: Path;
  readonly origin: number;
  readonly keyRound: number | null;
}

/** Largest number of objects, and of bytes of JSON, that a list may have as a value (spec 3.3). */
export const listLimits = { objects: 10_000, bytes: 16 * 1024 * 1024 } as const;

const cacheLimit = 20_000;

/**
 * Results of executions that the items of one shard read: loaded once, in batches, and kept as long as the shard is worked on.
 * The step -1 is the trigger.
 */
export class Results {
  readonly #ledger: Ledger;
  readonly #run: RunInfo;
  readonly #texts: ObjectTexts;
  readonly #ended = new Map<string, EndedFacts | null>();
  readonly #objects = new Map<string, Json>();
  readonly #lists = new Map<string, Promise<readonly Json[]>>();
  readonly #files: ListFiles | null;
  readonly #listFiles = new Map<string, Promise<Json>>();

  constructor(ledger: Ledger, run: RunInfo, texts: ObjectTexts, files: ListFiles | null = null) {
    this.#ledger = ledger;
    this.#files = files;
    this.#run = run;
    this.#texts = texts;
  }

  /** Takes in what ended here, so that it need not be loaded. */
  put(at: ExecutionAt, facts: EndedFacts): void {
    this.#bound(this.#ended);
    this.#ended.set(keyOf(at), facts);
  }

  /** Takes in an object of a list that was handed on here. `path` ends in its index. */
  putObject(step: number, path: Path, object: Json): void {
    this.#bound(this.#objects);
    this.#objects.set(`${String(step)}|${path.join('.')}`, object);
  }

  /** Marks an object with the text field of the satellite that handed it on. */
  note(step: number, object: Json): void {
    this.#texts.note(object, step === -1 ? null : stepAt(this.#run.graph, step).plan.satellite.text);
  }

  /** Loads what is not known yet of these executions. */
  async load(wanted: readonly ExecutionAt[]): Promise<void> {
    const groups = new Map<string, { at: ExecutionAt; paths: Map<string, Path> }>();
    for (const at of wanted) {
      if (this.#ended.has(keyOf(at))) continue;
      const group = `${String(at.step)}|${String(at.origin)}|${String(at.keyRound)}`;
      const known = groups.get(group) ?? { at, paths: new Map<string, Path>() };
      known.paths.set(at.path.join('.'), at.path);
      groups.set(group, known);
    }
    for (const { at, paths } of groups.values()) await this.#loadStep(at, [...paths.values()]);
  }

  async #loadStep(at: ExecutionAt, paths: readonly Path[]): Promise<void> {
    const { step, origin, keyRound } = at;
    const rows = await this.#ledger.readExecutions({ run: this.#run.row.id, step, origin, keyRound, paths });
    for (const path of paths) this.#ended.set(keyOf({ step, path, origin, keyRound }), null);
    for (const row of rows) this.put({ step, path: row.path, origin, keyRound }, this.#factsOf(row));
  }

  #factsOf(row: ExecutionRow): EndedFacts {
    const object = row.output === null ? null : (JSON.parse(row.output) as Json); // the column holds JSON
    const error = row.error === null ? null : (JSON.parse(row.error) as ExecutionError); // written by this engine
    this.note(row.step, object);
    if (error !== null) this.#texts.note(error as unknown as JsonObject, 'message'); // an ExecutionError is plain data
    return {
      status: row.status,
      error,
      attempts: row.attempts,
      retries: row.retries,
      round: row.round,
      startedAt: row.startedAt,
      endedAt: row.endedAt,
      metrics: row.metrics === null ? null : (JSON.parse(row.metrics) as Json), // the column holds JSON
      object,
      objects: row.objects,
    };
  }

  /** What was loaded of an execution. Null: it has no record. */
  ended(at: ExecutionAt): EndedFacts | null {
    return this.#ended.get(keyOf(at)) ?? null;
  }

  /** Loads objects of lists; each path ends in the index of its object. Objects of siblings are read together. */
  async loadObjects(step: number, paths: readonly Path[]): Promise<void> {
    const lists = new Map<string, { above: Path; low: number; high: number }>();
    for (const path of paths) {
      const index = path.at(-1);
      if (index === undefined || index < 0 || this.#objects.has(`${String(step)}|${path.join('.')}`)) continue;
      const above = path.slice(0, -1);
      const list = lists.get(above.join('.')) ?? { above, low: index, high: index };
      lists.set(above.join('.'), { above, low: Math.min(list.low, index), high: Math.max(list.high, index) });
    }
    for (const { above, low, high } of lists.values()) await this.#loadRange(step, above, low, high - low + 1);
  }

  async #loadRange(step: number, above: Path, from: number, count: number): Promise<void> {
    const objects = await this.#ledger.readObjects({ run: this.#run.row.id, step, path: above, origin: -1, keyRound: null, from, count });
    for (const [i, object] of objects.entries()) {
      this.note(step, object);
      this.putObject(step, [...above, from + i], object);
    }
  }

  /** The object at the end of the path, if it was loaded; null where there is none. */
  object(step: number, path: Path): Json {
    return this.#objects.get(`${String(step)}|${path.join('.')}`) ?? null;
  }

  /** The whole list of one execution. @throws ExosphereError `LIST_TOO_LARGE` */
  wholeList(at: ExecutionAt): Promise<readonly Json[]> {
    return this.#once(`whole ${keyOf(at)}`, async () => {
      await this.load([at]);
      const count = this.ended(at)?.objects ?? 0;
      if (count > listLimits.objects) throw listTooLarge(stepAt(this.#run.graph, at.step).plan.identifier, count);
      const { step, path, origin, keyRound } = at;
      const objects = await this.#ledger.readObjects({ run: this.#run.row.id, step, path, origin, keyRound, from: 0, count });
      for (const object of objects) this.note(step, object);
      return objects;
    });
  }

  /** Everything that a step handed on below a scope, in item order. @throws ExosphereError `LIST_TOO_LARGE` */
  listBelow(step: number, scope: Path, upToRound: number | null): Promise<readonly Json[]> {
    return this.#once(`below ${String(step)} ${scope.join('.')} ${String(upToRound)}`, async () => {
      const list = await this.#ledger.readList({ run: this.#run.row.id, step, scope, upToRound }, listLimits);
      if (list.kind === 'too-large') throw listTooLarge(stepAt(this.#run.graph, step).plan.identifier, list.objects);
      for (const object of list.objects) this.note(step, object);
      return list.objects;
    });
  }

  /**
   * A list, or where it is too large for a value the file that stands for it.
   *
   * @throws ExosphereError `LIST_TOO_LARGE` where there is no store for files
   */
  async listOrFile(list: Omit<ListScope, 'run'>, load: () => Promise<readonly Json[]>): Promise<Json> {
    try {
      return await load();
    } catch (error) {
      if (!isTooLarge(error) || this.#files === null) throw error;
      const key = `${String(list.step)} ${list.scope.join('.')} ${String(list.upToRound)}`;
      const { row, graph } = this.#run;
      const name = stepAt(graph, list.step).plan.identifier;
      const known =
        this.#listFiles.get(key) ??
        writeListFile({ ledger: this.#ledger, project: row.project, name, ...this.#files }, { run: row.id, ...list });
      this.#listFiles.set(key, known);
      known.catch(() => this.#listFiles.delete(key));
      return known;
    }
  }

  /** The errors of a step's executions below a scope, in item order. */
  errorsBelow(step: number, scope: Path, upToRound: number | null): Promise<readonly Json[]> {
    return this.#once(`errors ${String(step)} ${scope.join('.')} ${String(upToRound)}`, async () => {
      const rows = await this.#ledger.readExecutionsBelow({ run: this.#run.row.id, step, scope, upToRound });
      return rows.flatMap((row) => {
        const error = this.#factsOf(row).error;
        return error === null ? [] : [error as unknown as JsonObject]; // an ExecutionError is plain data
      });
    });
  }

  #once(key: string, load: () => Promise<readonly Json[]>): Promise<readonly Json[]> {
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const loading = load();
    this.#lists.set(key, loading);
    loading.catch(() => this.#lists.delete(key));
    return loading;
  }

  /** Memory of a worker does not grow with what its shard has followed: the oldest half goes; what is read again is loaded again. */
  #bound(cache: Map<string, unknown>): void {
    if (cache.size < cacheLimit) return;
    let excess = cacheLimit / 2;
    for (const key of cache.keys()) {
      if (excess === 0) return;
      cache.delete(key);
      excess -= 1;
    }
  }
}

function keyOf(at: ExecutionAt): string {
  return itemKey({ ...at, keyRound: at.keyRound ?? -1 });
}

function listTooLarge(step: string, objects: number): ExosphereError {
  return new ExosphereError(
    'LIST_TOO_LARGE',
    `the list of '${step}' has ${String(objects)} objects; a list is a value up to ${String(listLimits.objects)} objects and 16 MiB. ` +
      `Give it to the satellite as the whole of one scalar, which then is a file of JSON lines`,
  );
}
