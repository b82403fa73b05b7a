import { Readable } from 'node:stream';
import { Socket } from 'node:net';
import type Docker from 'dockerode';
import type { ContainerCreateOptions, ContainerInspectInfo, ImageInspectInfo, NetworkCreateOptions, NetworkInspectInfo } from 'dockerode';
import { ExosphereError, InternalError } from '@exosphere/model';
import { connectTo } from './connection.ts';
import { EngineRefusal, engineFailure, noEngine } from './engine-failure.ts';

/** Most time that an answer may take which the engine gives at once. A dead connection is noticed by it. */
const answerMs = 60_000;
/** An engine that is well says so within milliseconds. */
const pingMs = 10_000;
/** Whoever asks for it is on the way to give a container up, and must not be held for as long as a lease. */
const stateMs = 5_000;
const killMs = 5_000;

/** A container as a list has it. */
export interface ListedContainer {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `created`, `running`, `exited`, … */
  readonly state: string;
  /** ms since 1970. */
  readonly createdAt: number;
}

/** How the process of a container stands. */
export interface ContainerState {
  readonly isRunning: boolean;
  readonly exitCode: number;
  readonly isOutOfMemory: boolean;
  /** What the engine says went wrong, or empty. */
  readonly error: string;
}

/**
 * The container engine, as far as this package asks it. Every method fails with `EngineRefusal` (`container-engine-refused`) for what
 * the engine will not do, and with `runtime-unavailable`, retryable, where it cannot be asked.
 */
export class Engine {
  /** For messages: `unix:///var/run/docker.sock`. */
  readonly address: string;
  #client: Docker | null = null;

  /** @param address as `connectTo` takes it; one that is none fails when the engine is first asked */
  constructor(address: string) {
    this.address = address;
  }

  get #docker(): Docker {
    this.#client ??= connectTo(this.address);
    return this.#client;
  }

  /** @throws ExosphereError `runtime-unavailable` where none answers, or something else */
  async ping(): Promise<void> {
    try {
      const said: unknown = await this.#ask('answer', () => this.#docker.ping(), pingMs);
      if (String(said).trim() !== 'OK') throw noEngine(this.address, `it says ${JSON.stringify(String(said).slice(0, 40))}`);
    } catch (error) {
      throw error instanceof EngineRefusal ? noEngine(this.address, `it says ${error.status}, ${error.reason}`, error) : error;
    }
  }

  /** @returns the id. A name that is taken is refused with status 409. */
  create(spec: ContainerCreateOptions): Promise<string> {
    return this.#ask('create a container', async (signal) => (await this.#docker.createContainer({ ...spec, abortSignal: signal })).id);
  }

  /** The raw stream of a container that has no terminal: frames in one direction, standard input in the other. */
  attach(id: string): Promise<Socket> {
    return this.#ask('attach to a container', async () => {
      const stream = await this.#docker.getContainer(id).attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true });
      if (stream instanceof Socket) return stream; // with `hijack` the library hands out the connection itself
      throw new InternalError('the connection to a container is no socket');
    });
  }

  /** Resolves when the engine has begun to wait for the container's end; `exited`, when that end came. */
  async waitForExit(id: string, signal: AbortSignal): Promise<{ readonly exited: Promise<void> }> {
    const response = await this.#ask('wait for a container', () => this.#wait(id, signal));
    // `end` and a broken connection are the same here: only an inspection tells whether it has ended
    const exited = new Promise<void>((resolve) => {
      response.once('close', resolve).once('error', () => resolve());
      response.resume();
    });
    return { exited };
  }

  async start(id: string): Promise<void> {
    await this.#ask('start a container', (signal) => this.#docker.getContainer(id).start({ abortSignal: signal }));
  }

  inspect(id: string): Promise<ContainerInspectInfo> {
    return this.#ask('inspect a container', (signal) => this.#docker.getContainer(id).inspect({ abortSignal: signal }));
  }

  async state(id: string): Promise<ContainerState> {
    const { State } = await this.#ask(
      'inspect a container',
      (signal) => this.#docker.getContainer(id).inspect({ abortSignal: signal }),
      stateMs,
    );
    return { isRunning: State.Running, exitCode: State.ExitCode, isOutOfMemory: State.OOMKilled, error: State.Error };
  }

  /** Sends a signal; nothing where the container has ended already. */
  async kill(id: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#unlessGone('stop a container', () => this.#docker.getContainer(id).kill({ signal }), killMs);
  }

  /** Removes a container, running or not, with its anonymous volumes; nothing where it is gone. */
  async remove(id: string): Promise<void> {
    await this.#unlessGone('remove a container', () => this.#docker.getContainer(id).remove({ force: true, v: true }));
  }

  /** Unpacks a tar archive in a folder of a container, running or not. */
  async putArchive(id: string, path: string, archive: Buffer): Promise<void> {
    await this.#ask('write into a container', () => this.#docker.getContainer(id).putArchive(archive, { path }));
  }

  /** Bytes that a container uses, without what the system only caches. Null: the engine cannot tell. */
  async memoryOf(id: string): Promise<number | null> {
    const container = this.#docker.getContainer(id);
    const { memory_stats } = await this.#ask('measure a container', () => container.stats({ stream: false, 'one-shot': true }));
    const { usage, stats } = memory_stats as Partial<typeof memory_stats>; // both are missing where the engine cannot read its cgroups
    if (usage !== undefined) return usage - (stats?.inactive_file ?? stats?.total_inactive_file ?? 0);
    const top: unknown = await this.#ask('list the processes of a container', () => container.top({ ps_args: '-o pid,rss' }));
    const { Titles, Processes } = top as { readonly Titles: readonly string[]; readonly Processes: readonly (readonly string[])[] }; // by the Engine API
    const column = Titles.indexOf('RSS');
    const kibibytes = Processes.map((process) => Number(process[column]));
    return column === -1 ? null : kibibytes.reduce((sum, one) => sum + one, 0) * 1024;
  }

  async logTail(id: string, lines: number): Promise<Buffer> {
    const logs = await this.#ask('read the log of a container', () =>
      this.#docker.getContainer(id).logs({ stdout: true, stderr: true, tail: lines }),
    );
    return Buffer.from(logs);
  }

  /** Containers that have this label, in any state. */
  async list(label: string): Promise<readonly ListedContainer[]> {
    const listed = await this.#ask('list containers', () => this.#docker.listContainers({ all: true, filters: { label: [label] } }));
    return listed.map(({ Id, Names, Labels, State, Created }) => ({
      id: Id,
      name: (Names[0] ?? '').replace(/^\//, ''),
      labels: Labels,
      state: State,
      createdAt: Created * 1000,
    }));
  }

  async volumes(label: string): Promise<readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[]> {
    const { Volumes } = await this.#ask('list volumes', () => this.#docker.listVolumes({ filters: { label: [label] } }));
    const listed = Volumes as typeof Volumes | null; // it is null where there are none
    return (listed ?? []).map(({ Name, Labels }) => ({ name: Name, labels: Labels }));
  }

  async removeVolume(name: string): Promise<void> {
    await this.#unlessGone('remove a volume', () => this.#docker.getVolume(name).remove());
  }

  createNetwork(options: NetworkCreateOptions): Promise<string> {
    return this.#ask('create a network', async () => (await this.#docker.createNetwork(options)).id);
  }

  inspectNetwork(name: string): Promise<NetworkInspectInfo> {
    return this.#ask('inspect a network', () => this.#docker.getNetwork(name).inspect());
  }

  async networks(label: string): Promise<readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[]> {
    const listed = await this.#ask('list networks', () => this.#docker.listNetworks({ filters: { label: [label] } }));
    return listed.map(({ Name, Labels }) => ({ name: Name, labels: (Labels as typeof Labels | null) ?? {} })); // null: none
  }

  /** Removes a network; nothing where it is gone, or where a container is still in it. */
  async removeNetwork(name: string): Promise<void> {
    try {
      await this.#unlessGone('remove a network', () => this.#docker.getNetwork(name).remove());
    } catch (error) {
      if (!(error instanceof EngineRefusal) || error.status !== 403) throw error;
    }
  }

  inspectImage(name: string): Promise<ImageInspectInfo> {
    return this.#ask(`inspect the image '${name}'`, () => this.#docker.getImage(name).inspect());
  }

  /** What the registry says that a name stands for: `sha256:…`. Nothing is pulled. */
  async remoteDigest(name: string, auth: object | null): Promise<string> {
    const found = await this.#ask(`look up the image '${name}'`, () =>
      this.#docker.getImage(name).distribution(auth === null ? {} : { authconfig: auth }),
    );
    const digest: unknown = (found as { Descriptor?: { digest?: unknown } }).Descriptor?.digest; // the type of the library leaves it open
    if (typeof digest === 'string') return digest;
    throw new ExosphereError('image-unavailable', `The registry gave no digest for the image '${name}'.`, { retryable: true });
  }

  /** Begins to pull; the stream tells of progress and of failures, a JSON object each. */
  pull(name: string, auth: object | null, signal: AbortSignal): Promise<Readable> {
    return this.#ask(`pull the image '${name}'`, async () => {
      return readable(await this.#docker.pull(name, { ...(auth === null ? {} : { authconfig: auth }), abortSignal: signal }));
    });
  }

  /** Begins to build; the stream tells of progress and of failures, a JSON object each. */
  build(
    context: Readable,
    {
      tag,
      labels,
      registries,
    }: {
      readonly tag: string;
      readonly labels: Readonly<Record<string, string>>;
      /** Credentials for what the Dockerfile is built from, by registry. */
      readonly registries: Readonly<Record<string, object>>;
    },
    signal: AbortSignal,
  ): Promise<Readable> {
    return this.#ask(`build the image '${tag}'`, async () => {
      // the library writes it with + and /, which engines do not read; its types know nothing of what is encoded already
      const registryconfig = { base64: urlSafe(registries) } as unknown as Record<string, { username: string; password: string }>;
      const options = { t: tag, labels, forcerm: true, registryconfig, abortSignal: signal };
      return readable(await this.#docker.buildImage(context, options));
    });
  }

  async #unlessGone(what: string, act: () => Promise<unknown>, limitMs = answerMs): Promise<void> {
    try {
      await this.#ask(what, act, limitMs);
    } catch (error) {
      // 404: gone; 409 to a kill: not running, to a removal: being removed
      if (error instanceof ExosphereError && 'status' in error && (error.status === 404 || error.status === 409)) return;
      throw error;
    }
  }

  /** By hand: the library's own `wait` tells of the end only, and what it is asked must be under way before the start. */
  #wait(id: string, signal: AbortSignal): Promise<Readable> {
    return new Promise((resolve, reject) => {
      this.#docker.modem.dial(
        // the library adds `options` as a query to a path that ends so
        {
          path: `/containers/${id}/wait?`,
          options: { condition: 'next-exit' },
          method: 'POST',
          isStream: true,
          statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
          abortSignal: signal,
        },
        (error: unknown, response: unknown) => {
          if (response instanceof Readable)
            resolve(response); // as `isStream` wants it
          else
            reject(error instanceof Error ? error : new InternalError(`the client of the container engine failed with ${String(error)}`));
        },
      );
    });
  }

  /** The client library never answers where the engine breaks off in the middle of its answer: a time limit does. */
  async #ask<T>(what: string, act: (signal: AbortSignal) => Promise<T>, limitMs = answerMs): Promise<T> {
    const limit = AbortSignal.timeout(limitMs);
    try {
      return await Promise.race([act(limit), whenAborted(limit)]);
    } catch (error) {
      throw engineFailure(what, this.address, error);
    }
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  // a TimeoutError
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
}

/** For a header of the Engine API: URL-safe base64, with the padding that `base64url` leaves out. */
function urlSafe(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** What the library types as any stream is a response of Node's HTTP client. */
function readable(stream: NodeJS.ReadableStream): Readable {
  if (stream instanceof Readable) return stream;
  throw new InternalError('what the container engine answers is no stream');
}
