import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExosphereError } from '@exosphere/model';
import type { Engine } from '../engine/engine.ts';
import { isConflict, isMissing } from '../engine/engine-failure.ts';
import type { SealedContainer } from '../profile/sealed.ts';
import { sealedSpec } from '../profile/sealed.ts';
import type { Source } from '../stream/demultiplexer.ts';
import { Demultiplexer } from '../stream/demultiplexer.ts';
import type { Ending } from './ending.ts';
import { endingOf, lostEnding, stoppedEnding } from './ending.ts';

/** Called after each step in the life of a container, by name: tests end the process there. */
export type OnStep = (step: 'created' | 'attached' | 'started' | 'ended') => void;

/** What a container is started with. */
export interface StartOptions {
  readonly engine: Engine;
  readonly sealed: SealedContainer;
  readonly onOutput: (source: Source, content: Buffer) => void;
  readonly onStep?: OnStep;
  readonly signal: AbortSignal;
}

/** The rest of the output of an ended process goes on within this time, or not at all. */
const lastOutputMs = 2_000;
/** To work on what it prints takes so long at a time. */
const turnMs = 5;
/** When the word of memory that ran out is asked for again. */
const oomWordMs: readonly number[] = [10, 100];
/** An engine that cannot be asked may be starting anew. */
const engineBackMs = 10_000;
const stoppedMs = 1_000;
/** A removal that takes longer goes on, but nobody waits for it. */
const removalMs = 5_000;

/**
 * A container from its start to its removal, with its standard input and output in hand.
 *
 * It is attached before it is started, so that nothing it prints is missed, and waited for before, so that its end is not. The end of
 * the stream is no proof of anything: only an inspection tells how it stands.
 */
export class Container {
  readonly id: string;
  readonly name: string;
  /** Settles at the first sign that it has ended: it is of no use from then on. */
  readonly over: Promise<void>;
  /** Settles when the process has ended and all that it printed was handed on; the container is removed then. */
  readonly ended: Promise<Ending>;
  readonly #engine: Engine;
  readonly #socket: Socket;
  readonly #memoryBytes: number;
  readonly #over = new AbortController();
  #stopping: Ending | null = null;
  #killed: Promise<void> | null = null;
  #isDeaf = false;
  #isHeldBack = false;
  /** When output came last, or could come again, by `performance.now()`. */
  #heardAt = 0;
  /** All that it printed was read. */
  #isWhole = false;
  /** Then the end of its output is no proof that this was all. */
  #engineWasAway = false;

  private constructor(id: string, { engine, sealed, onOutput, onStep }: StartOptions, socket: Socket, exited: Promise<void>) {
    this.id = id;
    this.name = sealed.name;
    this.#engine = engine;
    this.#socket = socket;
    this.#memoryBytes = sealed.limits.memoryBytes;
    const closed = this.#read(onOutput);
    this.over = Promise.race([exited, closed]);
    this.ended = this.#watch(exited, closed).then(async (ending) => {
      onStep?.('ended');
      await this.#remove();
      return ending;
    });
  }

  /**
   * Creates, attaches, waits, starts. A container of the same name is one that a lost worker left behind: it is removed first.
   *
   * @throws ExosphereError as `Engine` does; nothing is left behind
   */
  static async start(options: StartOptions): Promise<Container> {
    const { engine, sealed, onStep, signal } = options;
    signal.throwIfAborted();
    const id = await createAnew(engine, sealed);
    const over = new AbortController();
    let socket: Socket | null = null;
    try {
      onStep?.('created');
      socket = await engine.attach(id);
      onStep?.('attached');
      const { exited } = await engine.waitForExit(id, over.signal);
      const container = new Container(id, options, socket, exited);
      container.#over.signal.addEventListener('abort', () => over.abort(), { once: true });
      try {
        await engine.start(id);
      } catch (error) {
        container.#stopping = lostEnding('it was never started');
        over.abort();
        socket.destroy();
        await container.ended;
        throw error;
      }
      onStep?.('started');
      if (signal.aborted) await container.stop('SIGKILL', stoppedEnding('It is not wanted any more.'));
      signal.throwIfAborted();
      return container;
    } catch (error) {
      socket?.destroy();
      over.abort();
      await engine.remove(id);
      await engine.removeVolume(sealed.name);
      throw error;
    }
  }

  /** Writes to standard input; false: it does not keep up. Nothing where it has ended. */
  write(text: string): boolean {
    return this.#socket.writable ? this.#socket.write(text) : false;
  }

  /** Ends standard input. */
  endInput(): void {
    if (this.#socket.writable) this.#socket.end();
  }

  /** Takes no more of its output for now: it waits in the container's pipe. */
  pause(): void {
    this.#isHeldBack = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isHeldBack) return;
    this.#isHeldBack = false;
    this.#heardAt = performance.now();
    this.#socket.resume();
  }

  /** Whether nothing of its output waits to be read here. */
  get backlog(): number {
    return this.#socket.readableLength;
  }

  /** How much of its memory it uses, without what the system only caches; null: the engine does not say. */
  async memoryShare(): Promise<number | null> {
    const used = await this.#engine.memoryOf(this.id).catch(() => null); // asked again soon
    return used === null ? null : used / this.#memoryBytes;
  }

  /** Stops it; settles when it has ended. `SIGTERM` leaves it `graceMs` to end by itself. */
  async stop(signal: 'SIGTERM' | 'SIGKILL', ending: Ending, graceMs = 2_000): Promise<Ending> {
    this.#stopping ??= ending;
    if (signal === 'SIGTERM') {
      this.resume();
      void this.#engine.kill(this.id, 'SIGTERM').catch(() => undefined); // the next one is tried in any case
      const isOver = await Promise.race([
        this.ended.then(() => true),
        sleep(graceMs, false, { signal: this.#over.signal }).catch(() => true),
      ]);
      if (isOver) return this.ended;
    }
    // what it prints until then is of no use, but the engine tells of no end before it is read
    this.#isDeaf = true;
    this.resume();
    this.#killed ??= this.#engine.kill(this.id, 'SIGKILL').catch(() => void this.#socket.destroy()); // what cannot be killed is lost to us, and swept later
    await this.#killed;
    return this.ended;
  }

  /** One that prints faster than it can be read is read in turns with everything else: from a full socket, Node reads many chunks in a row. */
  #letOthers(): void {
    this.#socket.pause();
    setImmediate(() => {
      if (!this.#isHeldBack) this.#socket.resume();
    });
  }

  /** Resolves when there is no more output. */
  #read(onOutput: StartOptions['onOutput']): Promise<void> {
    const demultiplexer = new Demultiplexer(onOutput);
    this.#socket.on('data', (chunk: Buffer) => {
      if (this.#isDeaf) return;
      const start = performance.now();
      this.#heardAt = start;
      try {
        demultiplexer.push(chunk);
        if (performance.now() - start > turnMs) this.#letOthers();
      } catch (error) {
        this.#stopping ??= lostEnding(`its output is broken: ${error instanceof Error ? error.message : String(error)}`);
        this.#socket.destroy();
      }
    });
    this.#socket.once('end', () => (this.#isWhole = true));
    // it closes then, and an inspection tells why; an engine that did not read all of the input says so behind the end of the output
    this.#socket.on('error', ({ syscall }: NodeJS.ErrnoException) => {
      this.#isWhole ||= syscall === 'read' && this.#socket.readableLength === 0;
    });
    return new Promise((resolve) => void this.#socket.once('close', () => resolve()).once('end', () => resolve()));
  }

  async #watch(exited: Promise<void>, closed: Promise<void>): Promise<Ending> {
    await Promise.race([exited, closed]);
    const ending = await this.#inspected();
    // it may be stopped at any time
    const stopped = (): Ending | null => this.#stopping;
    // what a stopped container still prints is not waited for
    const before = stopped();
    if (before !== null) return before;
    await this.#drained(closed);
    const last = stopped() ?? (await this.#lookedAtAgain(ending));
    return this.#isWhole && !this.#engineWasAway ? last : { ...last, outputWasCut: true };
  }

  /** The rest of the output was read, or no more of it comes. While it is held back, nothing can come. */
  async #drained(closed: Promise<void>): Promise<void> {
    const isClosed = closed.then(() => true);
    this.#heardAt = performance.now();
    for (let leftMs = lastOutputMs; leftMs > 0;) {
      if (await Promise.race([isClosed, sleep(leftMs, false, { signal: this.#over.signal }).catch(() => true)])) return;
      if (this.#isHeldBack) this.#heardAt = performance.now();
      leftMs = this.#heardAt + lastOutputMs - performance.now();
    }
  }

  /** The engine hears that memory ran out apart from the end of the process, and mostly a little later. */
  async #lookedAtAgain(ending: Ending): Promise<Ending> {
    if (ending.kind !== 'exit') return ending;
    for (const waitMs of ending.exitCode === 0 ? oomWordMs.slice(0, 1) : oomWordMs) {
      await sleep(waitMs);
      const state = await this.#engine.state(this.id).catch(() => null); // the first word stands then
      if (state !== null && !state.isRunning && state.isOutOfMemory) return endingOf(state, this.#memoryBytes);
    }
    return ending;
  }

  /** How it ended. One that still runs, or that is gone, is lost: its stream or the engine broke. */
  async #inspected(): Promise<Ending> {
    const start = performance.now();
    for (;;) {
      // who wants it stopped does not wait for an engine that may come back
      const until = start + (this.#stopping === null ? engineBackMs : stoppedMs);
      try {
        const state = await this.#engine.state(this.id);
        if (!state.isRunning) return endingOf(state, this.#memoryBytes);
        if (performance.now() > until) return lostEnding('the connection to it broke');
        // the engine says so shortly after the stream has ended; one that runs on without a stream is of no use
        if (this.#socket.destroyed && performance.now() > start + 1_000) return lostEnding('the connection to it broke');
      } catch (error) {
        if (isMissing(error)) return lostEnding('somebody removed it');
        this.#engineWasAway = true;
        if (performance.now() > until) return lostEnding('the container engine does not answer');
      }
      await sleep(20);
    }
  }

  async #remove(): Promise<void> {
    this.#over.abort();
    this.#socket.destroy();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, removalMs);
    await Promise.race([this.#removed(), late]);
    clearTimeout(timer);
  }

  async #removed(): Promise<void> {
    try {
      await this.#engine.remove(this.id);
      await this.#engine.removeVolume(this.name);
    } catch (error) {
      if (!(error instanceof ExosphereError)) throw error;
      // the engine is away: the next sweep finds it by its labels
    }
  }
}

/** Creates a container; one of that name that is there already belongs to nobody any more. */
async function createAnew(engine: Engine, sealed: SealedContainer): Promise<string> {
  const spec = sealedSpec(sealed);
  // a volume of that name, if there is one, leads to the sockets of an earlier attempt
  if (sealed.kind === 'once') await engine.removeVolume(sealed.name);
  try {
    return await engine.create(spec);
  } catch (error) {
    if (!isConflict(error)) throw error;
    await engine.remove(sealed.name);
    await engine.removeVolume(sealed.name);
    return engine.create(spec);
  }
}
