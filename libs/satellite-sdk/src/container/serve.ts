import { Attempts } from './attempts.ts';
import { Channel } from './channel.ts';
import { output } from './guard.ts';
import { LineSplitter } from './line-splitter.ts';
import type { ServedSatellite } from './load-satellite.ts';
import { loadSatellite } from './load-satellite.ts';
import { openNetwork } from './network/guarded-fetch.ts';
import type { Hello, Work } from './received.ts';
import { Watchdog } from './watchdog.ts';

const version = 1;
/** When the worker is gone, what is running has so long: then it is told, and then the process ends. */
const toEndMs = 500;
const toStopMs = 500;

type Line = Work | { readonly taken: string } | { readonly cancel: string };

/**
 * Serves a satellite to a worker, by the container protocol on standard input and output, until the worker is done.
 *
 * @param served the satellite; or what loads its module, so that the network is there before any of its code runs
 * @example
 * import { serve } from '@exosphere/satellite/container';
 * serve(() => import('./src/index.ts'));
 */
export function serve(served: ServedSatellite): void {
  const session = new Session(served);
  const lines = new LineSplitter((line) => session.onLine(line));
  process.stdin.on('data', (chunk: Buffer) => lines.push(chunk));
  process.stdin.on('end', () => {
    lines.end();
    session.onEnd();
  });
  process.stdin.on('error', () => session.onEnd());
}

/** What was said by one worker, and what came of it. */
class Session {
  readonly #served: ServedSatellite;
  readonly #channel = new Channel(output);
  /** Lines that came before it was ready; null: it is. */
  #early: string[] | null = null;
  #attempts: Attempts | null = null;
  #isOnce = false;
  #isOver = false;

  constructor(served: ServedSatellite) {
    this.#served = served;
    this.#channel.onFull = (isFull) => {
      if (isFull) process.stdin.pause();
      else process.stdin.resume();
    };
  }

  onLine(line: string): void {
    if (this.#attempts !== null && this.#early === null) return this.#take(this.#attempts, line);
    if (this.#early !== null) {
      this.#early.push(line);
      return;
    }
    this.#early = [];
    this.#begin(line).catch(failToStart);
  }

  onEnd(): void {
    this.#isOver = true;
    if (this.#isOnce || this.#early !== null) return; // it ends when its work does
    if (this.#attempts === null) process.exit(0);
    void this.#windUp(this.#attempts);
  }

  async #begin(line: string): Promise<void> {
    const hello = JSON.parse(line) as Hello | (Hello & Work); // the worker's first line
    if (hello.exosphere !== version) {
      throw new RangeError(
        `The worker speaks version ${hello.exosphere} of the protocol, this image version ${version}: build the satellite anew.`,
      );
    }
    const { files, egress = null, endpoints } = hello;
    await openNetwork({ egress, endpoints: endpoints ?? {} });
    const satellite = await loadSatellite(this.#served);
    this.#isOnce = 'nonce' in hello;
    const surroundings = { channel: this.#channel, files: files ?? '', endpoints: endpoints ?? {}, saysTaken: !this.#isOnce };
    const watchdog = new Watchdog();
    watchdog.watch();
    const attempts = new Attempts(satellite, surroundings, watchdog);
    this.#attempts = attempts;
    const early = this.#early ?? [];
    this.#early = null;
    if ('nonce' in hello) return this.#once(attempts, hello);
    this.#channel.send(`{"exosphere":${version},"ready":true}`);
    for (const next of early) this.#take(attempts, next);
    if (this.#isOver) await this.#windUp(attempts);
  }

  #once(attempts: Attempts, work: Work): void {
    attempts.onIdle = () => void this.#leave();
    attempts.start(work);
  }

  #take(attempts: Attempts, line: string): void {
    try {
      const said = JSON.parse(line) as Line; // written by the worker
      if ('nonce' in said) attempts.start(said);
      else if ('taken' in said) attempts.take(said.taken);
      else if ('cancel' in said) attempts.cancel(said.cancel);
    } catch (fault) {
      process.stderr.write(`A line of the worker cannot be read (${String(fault)}): ${line.slice(0, 200)}\n`);
    }
  }

  /** The worker is gone. */
  async #windUp(attempts: Attempts): Promise<void> {
    if (attempts.count === 0) return this.#leave();
    attempts.onIdle = () => void this.#leave();
    setTimeout(() => attempts.abortAll(new DOMException('The worker is gone.', 'AbortError')), toEndMs);
    setTimeout(() => process.exit(0), toEndMs + toStopMs);
  }

  /** At once: what libraries keep open is not waited for. */
  async #leave(): Promise<void> {
    await this.#channel.close();
    process.exit(0);
  }
}

function failToStart(cause: unknown): void {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exit(1);
}
