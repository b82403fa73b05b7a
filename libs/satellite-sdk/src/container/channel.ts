import type { Output } from './own-output.ts';

const flushAtCharacters = 2 ** 20;

/** The way to the worker. What is said in one turn of the event loop leaves in one write. */
export class Channel {
  readonly #output: Output;
  #waiting: string[] = [];
  #characters = 0;
  #isScheduled = false;
  #isFull = false;
  #waiters: (() => void)[] = [];
  /** Is told when the worker does not read as fast as is written, and when it does again. */
  onFull: (isFull: boolean) => void = () => undefined;

  constructor(output: Output) {
    this.#output = output;
    output.onDrain = () => this.#setFull(false);
  }

  /** Sends pieces of one line; `\n` is put at its end. */
  send(...pieces: readonly string[]): void {
    for (const piece of pieces) this.#add(piece);
    this.#add('\n');
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.flush);
  }

  readonly flush = (): void => {
    this.#isScheduled = false;
    if (this.#waiting.length === 0) return;
    const text = this.#waiting.join('');
    this.#waiting = [];
    this.#characters = 0;
    if (!this.#output.write(text)) this.#setFull(true);
  };

  /** Resolves once the worker has room for more. */
  async drained(): Promise<void> {
    this.flush();
    if (this.#isFull) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** Resolves once all that was sent is written. */
  close(): Promise<void> {
    this.flush();
    return new Promise((resolve) => this.#output.end(resolve));
  }

  #add(piece: string): void {
    this.#waiting.push(piece);
    this.#characters += piece.length;
    if (this.#characters >= flushAtCharacters) this.flush();
  }

  #setFull(isFull: boolean): void {
    if (this.#isFull === isFull) return;
    this.#isFull = isFull;
    this.onFull(isFull);
    if (isFull) return;
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
