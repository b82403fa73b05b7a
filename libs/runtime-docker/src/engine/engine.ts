import type { Readable } from 'node:stream';
import type { Socket } from 'node:net';
import Docker from 'dockerode';
import type { ContainerCreateOptions, ContainerInspectInfo, ImageInspectInfo, NetworkCreateOptions, NetworkInspectInfo } from 'dockerode';
import { ExosphereError } from '@exosphere/model';
import { engineFailure } from './engine-failure.ts';

/** Most time that an answer may take which the engine gives at once. A dead connection is noticed by it. */
const answerMs = 60_000;

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
  readonly #docker: Docker;
  /** For messages: `unix:///var/run/docker.sock`. */
  readonly address: string;

  /** @param address `unix:///path`, `tcp://host:port` or `http://host:port` */
  constructor(address: string) {
    this.address = address;
    this.#docker = new Docker(connectionOf(address));
  }

  ping(): Promise<void> {
    return this.#ask('answer', async () => void (await this.#docker.ping()));
  }

  /** @returns the id. A name that is taken is refused with status 409. */
  create(spec: ContainerCreateOptions): Promise<string> {
    return this.#ask('create a container', async (signal) => (await this.#docker.createContainer({ ...spec, abortSignal: signal })).id);
  }

  /** The raw stream of a container that has no terminal: frames in one direction, standard input in the other. */
  attach(id: string): Promise<Socket> {
    return this.#ask('attach to a container', async () => {
      const stream = await this.#docker.getContainer(id).attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true });
      return stream as Socket; // with `hijack` the library hands out the connection itself
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

  start(id: string): Promise<void> {
    return this.#ask('start a container', async (signal) => void (await this.#docker.getContainer(id).start({ abortSignal: signal })));
  }

  inspect(id: string): Promise<ContainerInspectInfo> {
    return this.#ask('inspect a container', (signal) => this.#docker.getContainer(id).inspect({ abortSignal: signal }));
  }

  async state(id: string): Promise<ContainerState> {
    const { State } = await this.inspect(id);
    return { isRunning: State.Running, exitCode: State.ExitCode, isOutOfMemory: State.OOMKilled, error: State.Error };
  }

  /** Sends a signal; nothing where the container has ended already. */
  async kill(id: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#unlessGone('stop a container', () => this.#docker.getContainer(id).kill({ signal }));
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
    const { Titles, Processes } = await this.#ask('list the processes of a container', () => container.top({ ps_args: '-o pid,rss' }));
    const column = (Titles as readonly string[]).indexOf('RSS'); // a list of texts by the Engine API
    const kibibytes = (Processes as readonly (readonly string[])[]).map((process) => Number(process[column])); // the same
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
    return (Volumes ?? []).map(({ Name, Labels }) => ({ name: Name, labels: Labels ?? {} }));
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
    return listed.map(({ Name, Labels }) => ({ name: Name, labels: Labels ?? {} }));
  }

  async removeNetwork(name: string): Promise<void> {
    await this.#unlessGone('remove a network', () => this.#docker.getNetwork(name).remove());
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
      const stream = await this.#docker.pull(name, { ...(auth === null ? {} : { authconfig: auth }), abortSignal: signal });
      return stream as Readable; // a response of Node's HTTP client
    });
  }

  /** Begins to build; the stream tells of progress and of failures, a JSON object each. */
  build(
    context: Readable,
    options: { readonly tag: string; readonly labels: Readonly<Record<string, string>> },
    signal: AbortSignal,
  ): Promise<Readable> {
    return this.#ask(`build the image '${options.tag}'`, async () => {
      const stream = await this.#docker.buildImage(context, { t: options.tag, labels: options.labels, forcerm: true, abortSignal: signal });
      return stream as Readable; // a response of Node's HTTP client
    });
  }

  async #unlessGone(what: string, act: () => Promise<unknown>): Promise<void> {
    try {
      await this.#ask(what, act);
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
        (error: unknown, response: unknown) => (error === null || error === undefined ? resolve(response as Readable) : reject(error)), // `isStream`
      );
    });
  }

  /** The client library never answers where the engine breaks off in the middle of its answer: a time limit does. */
  async #ask<T>(what: string, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = AbortSignal.timeout(answerMs);
    try {
      return await Promise.race([act(limit), whenAborted(limit)]);
    } catch (error) {
      throw engineFailure(what, this.address, error);
    }
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

/** How the library is told where the engine is. */
function connectionOf(address: string): Docker.DockerOptions {
  if (address.startsWith('unix://')) return { socketPath: address.slice('unix://'.length) };
  if (address.startsWith('/')) return { socketPath: address };
  if (!URL.canParse(address)) {
    throw new ExosphereError(
      'runtime-unavailable',
      `'${address}' is no address of a container engine. Write unix:///var/run/docker.sock or tcp://host:2375.`,
    );
  }
  const { protocol, hostname, port } = new URL(address);
  return { protocol: protocol === 'https:' ? 'https' : 'http', host: hostname, port: port === '' ? 2375 : Number(port) };
}
