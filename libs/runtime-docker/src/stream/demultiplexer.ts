/** Where a frame of an attached stream comes from. */
export type Source = 'stdout' | 'stderr';

/** Bytes of an attached stream that are none: the engine, or what stands for it, sent something else. */
export class BrokenFrames extends RangeError {}

const headerBytes = 8;
const stdout = 1;
const stderr = 2;

/**
 * Takes an attached stream of a container apart: frames of 8 bytes (source, three zeros, length in big-endian) and content. Content is
 * handed on in the pieces in which it comes, as views: nothing is copied and nothing is held back.
 */
export class Demultiplexer {
  readonly #onContent: (source: Source, content: Buffer) => void;
  readonly #header = Buffer.alloc(headerBytes);
  #headerFilled = 0;
  #left = 0;
  #source: Source = 'stdout';

  constructor(onContent: (source: Source, content: Buffer) => void) {
    this.#onContent = onContent;
  }

  /** @throws BrokenFrames */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const end = Math.min(chunk.length, at + this.#left);
        this.#left -= end - at;
        this.#onContent(this.#source, chunk.subarray(at, end));
        at = end;
        continue;
      }
      const take = Math.min(headerBytes - this.#headerFilled, chunk.length - at);
      chunk.copy(this.#header, this.#headerFilled, at, at + take);
      this.#headerFilled += take;
      at += take;
      if (this.#headerFilled === headerBytes) this.#begin();
    }
  }

  #begin(): void {
    const source = this.#header[0];
    if ((source !== stdout && source !== stderr) || this.#header.readUIntBE(1, 3) !== 0) {
      throw new BrokenFrames(`a frame begins with ${this.#header.toString('hex')}`);
    }
    this.#source = source === stdout ? 'stdout' : 'stderr';
    this.#left = this.#header.readUInt32BE(4);
    this.#headerFilled = 0;
  }
}
