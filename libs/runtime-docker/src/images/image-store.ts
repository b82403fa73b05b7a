import { Readable } from 'node:stream';
import { ExosphereError } from '@exosphere/model';
import type { JsonObject } from '@exosphere/model';
import type { Engine } from '../engine/engine.ts';
import { EngineRefusal, isMissing } from '../engine/engine-failure.ts';
import { plainText } from '../stream/plain-text.ts';
import { followProgress, isPassing } from './progress-stream.ts';
import type { EngineProgress } from './progress-stream.ts';
import { allRegistryAuth, registryAuth } from './registry-auth.ts';

/** An image that is on this host. */
export interface Image {
  /** `sha256:…`, the engine's own id of it: what containers are made of. */
  readonly id: string;
  /** `VOLUME`s that it declares. */
  readonly volumes: readonly string[];
}

/** Tells what goes on while an image is made or fetched. */
export type Note = (message: string, fields: JsonObject) => void;

export interface ImageOptions {
  readonly note: Note;
  readonly signal: AbortSignal;
}

/** An image that is being made or fetched, and all who wait for it. */
interface Going {
  readonly image: Promise<Image>;
  readonly listeners: Set<Note>;
  last: Parameters<Note> | null;
}

const digestLabel = 'exosphere.digest';
/** Progress is told this often at most. */
const noteMs = 5_000;

/** The images of this host: each is pulled or built once, however many ask for it at the same time. */
export class ImageStore {
  readonly #engine: Engine;
  readonly #dockerFolder: string;
  readonly #work = new Map<string, Going>();

  /** @param dockerFolder where `docker login` keeps credentials */
  constructor(engine: Engine, dockerFolder: string) {
    this.#engine = engine;
    this.#dockerFolder = dockerFolder;
  }

  /**
   * The image of a satellite that brings its Dockerfile: built of its archive, unless it has been.
   *
   * @throws ExosphereError `image-unavailable`; as `Engine` does
   */
  built(
    satellite: { readonly reference: string; readonly digest: string; readonly archive: Uint8Array },
    options: ImageOptions,
  ): Promise<Image> {
    return this.#once(satellite.digest, options.note, async (note) => {
      const tag = tagOf(satellite);
      const known = await this.#local(tag);
      if (known !== null && known.labels[digestLabel] === satellite.digest) return known;
      await this.#build(satellite, tag, { ...options, note });
      const made = await this.#local(tag);
      if (made !== null) return made;
      throw new ExosphereError('image-unavailable', `The engine built the image '${tag}', and does not have it.`, { retryable: true });
    });
  }

  /**
   * An image by name, best with its digest (`name@sha256:…`), or by the id of one that is here (`sha256:…`): pulled, unless it is here.
   *
   * @throws ExosphereError `image-unavailable`; as `Engine` does
   */
  named(name: string, options: ImageOptions): Promise<Image> {
    return this.#once(name, options.note, async (note) => {
      const known = await this.#local(name);
      if (known !== null) return known;
      if (name.startsWith('sha256:'))
        throw new ExosphereError(
          'image-unavailable',
          `The image ${name} was built on another host, or has been removed here. Run the cluster anew.`,
        );
      await this.#pull(name, { ...options, note });
      const pulled = await this.#local(name);
      if (pulled !== null) return pulled;
      throw new ExosphereError('image-unavailable', `The engine pulled '${name}', and does not have it: the digest is another one.`);
    });
  }

  /**
   * What a name stands for now, as a name that stands for it for ever: `name@sha256:…`, or the id where the image was made on this host.
   * Nothing is pulled.
   *
   * @throws ExosphereError `image-unavailable`
   */
  async pinned(name: string): Promise<string> {
    if (name.includes('@sha256:') || name.startsWith('sha256:')) return name;
    const repository = repositoryOf(name);
    try {
      return `${repository}@${await this.#engine.remoteDigest(name, await this.#auth(name))}`;
    } catch (error) {
      const local = await this.#inspected(name);
      if (local === null) throw unavailable(name, error);
      // the registry is out of reach, or the image was made here: what is here is what runs
      const digests = local.RepoDigests as readonly string[] | null; // null: none
      const digest = digests?.find((one) => one.startsWith(`${repository}@`));
      return digest ?? local.Id;
    }
  }

  /** Who comes while it goes on waits for it, and is told of it, too. */
  #once(key: string, note: Note, make: (note: Note) => Promise<Image>): Promise<Image> {
    const known = this.#work.get(key);
    if (known !== undefined) {
      known.listeners.add(note);
      if (known.last !== null) note(...known.last);
      return known.image;
    }
    const listeners = new Set([note]);
    const tell: Note = (...said) => {
      going.last = said;
      for (const listener of listeners) listener(...said);
    };
    const image = Promise.resolve()
      .then(() => make(tell))
      .finally(() => this.#work.delete(key));
    const going: Going = { image, listeners, last: null };
    this.#work.set(key, going);
    return image;
  }

  async #local(name: string): Promise<(Image & { readonly labels: Readonly<Record<string, string>> }) | null> {
    const found = await this.#inspected(name);
    if (found === null) return null;
    const { Id, Config } = found;
    const { Volumes, Labels } = Config as { readonly Volumes?: object | null; readonly Labels?: Readonly<Record<string, string>> | null }; // by the Engine API
    return { id: Id, volumes: Object.keys(Volumes ?? {}), labels: Labels ?? {} };
  }

  async #inspected(name: string): Promise<Awaited<ReturnType<Engine['inspectImage']>> | null> {
    try {
      return await this.#engine.inspectImage(name);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  #auth(name: string): Promise<object | null> {
    return registryAuth(name, this.#dockerFolder);
  }

  async #pull(name: string, { note, signal }: ImageOptions): Promise<void> {
    note(`pulling the image ${name}`, {});
    const layers = new Map<string, { current: number; total: number }>();
    const tell = rarely(() => {
      const sum = [...layers.values()].reduce((all, { current, total }) => ({ current: all.current + current, total: all.total + total }), {
        current: 0,
        total: 0,
      });
      note(`pulling the image ${name}: ${mebibytes(sum.current)} of ${mebibytes(sum.total)} MiB`, sum);
    });
    const onLine = ({ id, status, progressDetail }: EngineProgress): void => {
      const { current, total } = progressDetail ?? {};
      if (id === undefined || status !== 'Downloading' || current === undefined || total === undefined) return;
      layers.set(id, { current, total });
      tell();
    };
    try {
      const stream = await this.#engine.pull(name, await this.#auth(name), signal);
      await followProgress(stream, { what: `pull the image '${name}'`, onLine, signal });
    } catch (error) {
      throw signal.aborted ? error : unavailable(name, error);
    }
    note(`pulled the image ${name}`, {});
  }

  async #build(
    { reference, digest, archive }: { readonly reference: string; readonly digest: string; readonly archive: Uint8Array },
    tag: string,
    { note, signal }: ImageOptions,
  ): Promise<void> {
    note(`building the image of ${reference}`, { tag });
    const said: string[] = [];
    const tell = rarely(() => note(`building the image of ${reference}: ${said.at(-1) ?? ''}`, {}));
    const onLine = ({ stream }: EngineProgress): void => {
      const line = plainText(stream ?? '').trim();
      if (line === '') return;
      said.push(line);
      if (said.length > 30) said.shift();
      tell();
    };
    try {
      const registries = await allRegistryAuth(this.#dockerFolder);
      const options = { tag, labels: { [digestLabel]: digest }, registries };
      const stream = await this.#engine.build(Readable.from([Buffer.from(archive)]), options, signal);
      await followProgress(stream, { what: `build the image of ${reference}`, onLine, signal });
    } catch (error) {
      if (signal.aborted || !(error instanceof ExosphereError) || error.code !== 'image-unavailable') throw error;
      throw new ExosphereError('image-unavailable', `${error.message}\nThe build said last:\n${said.slice(-15).join('\n')}`, {
        cause: error,
        retryable: error.retryable,
      });
    }
    note(`built the image of ${reference}`, { tag });
  }
}

/** A name of an image that is built here; whoever looks at the engine sees what it is. */
function tagOf({ reference, digest }: { readonly reference: string; readonly digest: string }): string {
  return `exosphere/${reference.replace(/^satellite\//, '')}:${digest.slice('sha256:'.length, 'sha256:'.length + 32)}`;
}

/** Without tag and digest. */
function repositoryOf(name: string): string {
  const [bare = name] = name.split('@');
  const slash = bare.lastIndexOf('/');
  const colon = bare.lastIndexOf(':');
  return colon > slash ? bare.slice(0, colon) : bare;
}

function unavailable(name: string, cause: unknown): ExosphereError {
  if (cause instanceof ExosphereError && cause.code === 'runtime-unavailable') return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  // engines answer with 500 also where there are no credentials
  const retryable = cause instanceof EngineRefusal ? isPassing(cause.reason) : cause instanceof ExosphereError ? cause.retryable : true;
  return new ExosphereError(
    'image-unavailable',
    `The image '${name}' cannot be had: ${why} Check the name, and 'docker login' for its registry.`,
    { cause, retryable },
  );
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

/** Calls at most every {@link noteMs}. */
function rarely(tell: () => void): () => void {
  let last = performance.now();
  return () => {
    if (performance.now() - last < noteMs) return;
    last = performance.now();
    tell();
  };
}
