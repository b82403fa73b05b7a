import type { SealedContainer } from '../profile/sealed.ts';
import type { Engine } from '../engine/engine.ts';
import type { Answer } from '../protocol/answer.ts';
import { isReady, mayBeReady, nonceIn, readAnswer } from '../protocol/answer.ts';
import { cancelLine, helloLine, takenLine } from '../protocol/request-line.ts';
import type { Surroundings } from '../protocol/request-line.ts';
import type { Source } from '../stream/demultiplexer.ts';
import { LineSplitter } from '../stream/line-splitter.ts';
import { Container } from './container.ts';
import type { OnStep } from './container.ts';
import type { Ending } from './ending.ts';
import { stoppedEnding } from './ending.ts';
import type { NoiseLine } from './noise.ts';
import { Noise } from './noise.ts';

/** One request (or batch) that a container works on. */
export interface Exchange {
  answer(answer: Answer): void;
  /** A line that is no answer, printed while this is in work. `isShared`: others were in work, too. */
  noise(line: NoiseLine, isShared: boolean): void;
  /** The container ended before there was a final answer. `alone`: nothing else was in work. */
  lost(ending: Ending, alone: boolean): void;
}

export interface WarmOptions {
  readonly engine: Engine;
  readonly sealed: SealedContainer;
  readonly surroundings: Surroundings;
  readonly onStep?: OnStep;
  readonly signal: AbortSignal;
}

/** Most bytes of one answer. */
const answerBytes = 256 * 2 ** 20;
const logLineBytes = 0;
/** A request may print so much that is no answer; more than 64 MiB beyond that at once are a flood. */
const noiseBytes = 2 ** 20;
const readyMs = 120_000;

/** A container that is fed requests on its standard input. */
export class WarmContainer {
  readonly #exchanges = new Map<string, Exchange>();
  readonly #noise: Noise;
  #container: Container | null = null;
  #ready: (() => void) | null = null;
  readonly #outbox: string[] = [];
  #isOver = false;
  /** Requests that it has been given. */
  served = 0;
  /** Since when it has nothing to do, by `performance.now()`. */
  idleSince = 0;
  /** It gets no more requests. */
  isRetired = false;
  ended: Promise<Ending> = Promise.resolve({ kind: 'lost', exitCode: null, message: 'It was never started.' });

  private constructor() {
    this.#noise = new Noise({
      onLine: (line) => this.#onNoise(line),
      onFlood: () => {
        if (this.isUsable) void this.#stop(flooded);
      },
    });
  }

  /**
   * Starts a container and waits until its satellite says that it is ready.
   *
   * @throws NotReady where it does not; ExosphereError as `Engine` does
   */
  static async start(options: WarmOptions): Promise<WarmContainer> {
    const warm = new WarmContainer();
    const splitters = { stdout: warm.#answers(), stderr: warm.#messages() };
    const onOutput = (source: Source, content: Buffer): void => splitters[source].push(content);
    const container = await Container.start({ ...options, onOutput });
    warm.#container = container;
    void container.over.then(() => (warm.#isOver = true));
    warm.ended = container.ended.then((ending) => warm.#end(ending, splitters));
    await warm.#becomeReady(options.surroundings, options.signal);
    warm.idleSince = performance.now();
    return warm;
  }

  get name(): string {
    return this.#container?.name ?? '';
  }

  get id(): string {
    return this.#container?.id ?? '';
  }

  get inWork(): number {
    return this.#exchanges.size;
  }

  get isUsable(): boolean {
    return !this.isRetired && !this.#isOver;
  }

  /** What it printed last that was no answer. */
  get tail(): string {
    return this.#noise.tail;
  }

  /** Gives it a request. Its exchange hears of every answer, and of the end. */
  send(nonce: string, line: string, exchange: Exchange): void {
    // it ended since this place was given out: nothing is sent, and another one serves the request
    if (this.#isOver) return queueMicrotask(() => exchange.lost(stoppedEnding('It had ended before.'), false));
    this.#exchanges.set(nonce, exchange);
    this.served += 1;
    this.#write(line);
  }

  /** The request has had its final answer, or is given up: what still comes for it is noise. */
  release(nonce: string): void {
    this.#exchanges.delete(nonce);
    if (this.#exchanges.size > 0) return this.#noise.forget(noiseBytes);
    this.#noise.forget();
    this.idleSince = performance.now();
  }

  taken(nonce: string): void {
    this.#write(takenLine(nonce));
  }

  cancel(nonce: string): void {
    this.#write(cancelLine(nonce));
  }

  /** How much of its memory it uses, between 0 and 1; null: it cannot be told. */
  async memoryShare(): Promise<number | null> {
    return this.#container?.memoryShare() ?? null;
  }

  /** Lets it end by itself: its standard input is over. One that does not is killed. */
  async close(graceMs: number): Promise<void> {
    this.isRetired = true;
    this.#container?.endInput();
    const timer = setTimeout(() => void this.kill('It did not end when its input did.'), graceMs);
    await this.ended;
    clearTimeout(timer);
  }

  /** Stops it at once. What else it works on has done nothing wrong. */
  async kill(why: string): Promise<void> {
    await this.#stop(stoppedEnding(why));
  }

  async #stop(ending: Ending): Promise<void> {
    this.isRetired = true;
    await this.#container?.stop('SIGKILL', ending);
  }

  /** What is written in one turn goes out together: each write costs the engine as much as a request costs the satellite. */
  #write(line: string): void {
    this.#outbox.push(line);
    if (this.#outbox.length > 1) return;
    setImmediate(() => this.#container?.write(this.#outbox.splice(0).join('')));
  }

  #answers(): LineSplitter {
    return new LineSplitter(
      {
        wants: (beginning) => {
          const nonce = nonceIn(beginning);
          return nonce === null ? this.#ready !== null && mayBeReady(beginning) : this.#exchanges.has(nonce);
        },
        line: (text) => this.#onLine(text),
        noise: (text, isLast, bytes) => this.#noise.take('stdout', text, { isLast, bytes }),
        overlong: (beginning) => this.#onOverlong(beginning),
      },
      answerBytes,
    );
  }

  #messages(): LineSplitter {
    const ignore = (): void => undefined;
    return new LineSplitter(
      {
        wants: () => false,
        line: ignore,
        overlong: ignore,
        noise: (text, isLast, bytes) => this.#noise.take('stderr', text, { isLast, bytes }),
      },
      logLineBytes,
    );
  }

  #onLine(text: string): void {
    const nonce = nonceIn(Buffer.from(text.slice(0, 128)));
    const exchange = nonce === null ? undefined : this.#exchanges.get(nonce);
    if (exchange !== undefined) return exchange.answer(readAnswer(text));
    if (this.#ready !== null && isReady(text)) this.#ready();
    else this.#noise.take('stdout', text, { isLast: true, bytes: text.length });
  }

  #onOverlong(beginning: Buffer): void {
    const exchange = this.#exchanges.get(nonceIn(beginning) ?? '');
    exchange?.answer({ kind: 'too-large' });
    void this.kill('It sent an answer of more than 256 MiB.');
  }

  #onNoise(line: NoiseLine): void {
    const [first] = this.#exchanges.values();
    first?.noise(line, this.#exchanges.size > 1);
  }

  async #becomeReady(surroundings: Surroundings, signal: AbortSignal): Promise<void> {
    const isReadyNow = new Promise<'ready'>((resolve) => {
      this.#ready = () => resolve('ready');
    });
    this.#container?.write(helloLine(surroundings));
    const limit = AbortSignal.any([signal, AbortSignal.timeout(readyMs)]);
    const stopped = new Promise<'stopped'>((resolve) => limit.addEventListener('abort', () => resolve('stopped'), { once: true }));
    const first = await Promise.race([isReadyNow, this.ended, stopped]);
    this.#ready = null;
    if (first === 'ready') return;
    if (first !== 'stopped') throw new NotReady(first, this.tail);
    await this.kill('It was not ready in time.');
    signal.throwIfAborted();
    throw new NotReady(stoppedEnding(`It did not say within ${readyMs / 1000} s that it is ready.`), this.tail);
  }

  #end(ending: Ending, splitters: Readonly<Record<Source, LineSplitter>>): Ending {
    splitters.stdout.end();
    splitters.stderr.end();
    this.#isOver = true;
    const left = [...this.#exchanges.values()];
    this.#exchanges.clear();
    for (const exchange of left) exchange.lost(ending, left.length === 1);
    return ending;
  }
}

const flooded: Ending = {
  kind: 'flood',
  exitCode: null,
  message: 'The container was stopped: it printed more than 64 MiB that is no answer. Print less, or write a file.',
};

/** A container that ended, or did not say that it can work. */
export class NotReady extends RangeError {
  readonly ending: Ending;
  readonly tail: string;

  constructor(ending: Ending, tail: string) {
    super(`The satellite did not start. ${ending.message}${tail === '' ? ' It printed nothing.' : ` It printed:\n${tail}`}`);
    this.ending = ending;
    this.tail = tail;
  }
}
