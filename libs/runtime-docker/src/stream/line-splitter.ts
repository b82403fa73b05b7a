import { StringDecoder } from 'node:string_decoder';
import { HeldBytes } from './held-bytes.ts';

/** What a splitter does with the lines of one stream. */
export interface LineHandler {
  /**
   * Looks at the beginning of a line (its first bytes, at most 256): whether the line is wanted whole. It is asked when there are that
   * many, or when the line ends. The bytes are its own only for that long.
   */
  wants(beginning: Buffer): boolean;
  /** A line that was wanted, without its end. */
  line(text: string, bytes: number): void;
  /**
   * A piece of a line that was not. `isLast`: the line ends with it. `bytes`: of the stream; of a very long line the text is empty behind
   * its first 64 KiB, and its bytes are told all the same.
   */
  noise(text: string, isLast: boolean, bytes: number): void;
  /** A wanted line has more bytes than it may: nothing more of it is kept. */
  overlong(beginning: Buffer): void;
}

const beginningBytes = 256;
const noiseBytes = 16 * 1024;
/** Of one line that nobody wants, so much is shown. */
const noiseLimit = 64 * 1024;
const newline = 10;
/** What comes from a socket at once. */
const chunkBytes = 64 * 1024;

/** Splits a stream of bytes into lines. What it holds is bounded: by `mostBytes` for a line that is wanted, by 16 KiB for any other. */
export class LineSplitter {
  readonly #handler: LineHandler;
  readonly #mostBytes: number;
  readonly #held: HeldBytes;
  /** Null: not decided yet. `drop`: too long. */
  #mode: 'want' | 'noise' | 'drop' | null = null;
  #decoder = new StringDecoder('utf8');
  #shown = 0;

  constructor(handler: LineHandler, mostBytes: number) {
    this.#handler = handler;
    this.#mostBytes = mostBytes;
    this.#held = new HeldBytes(mostBytes + chunkBytes);
  }

  push(content: Buffer): void {
    let at = 0;
    for (let end = content.indexOf(newline); end !== -1; end = content.indexOf(newline, at)) {
      const piece = content.subarray(at, end);
      // most lines come whole: they need not be copied
      if (this.#mode === null && this.#held.length === 0) this.#whole(piece);
      else {
        this.#take(piece);
        this.#endLine();
      }
      at = end + 1;
    }
    if (at < content.length) this.#take(content.subarray(at));
  }

  /** The stream is over: what is left is a line. */
  end(): void {
    if (this.#held.length > 0 || this.#mode !== null) this.#endLine();
  }

  #whole(line: Buffer): void {
    const beginning = line.subarray(0, beginningBytes);
    if (!this.#handler.wants(beginning)) {
      if (line.length <= noiseBytes) return this.#handler.noise(line.toString('utf8'), true, line.length + 1);
      this.#showNoise(line);
      this.#endNoise();
    } else if (line.length > this.#mostBytes) this.#handler.overlong(beginning);
    else this.#handler.line(line.toString('utf8'), line.length);
  }

  #take(piece: Buffer): void {
    if (piece.length === 0 || this.#mode === 'drop') return;
    if (this.#mode === 'noise') return this.#showNoise(piece);
    this.#held.add(piece);
    if (this.#mode === null && this.#held.length >= beginningBytes) this.#decide();
    if (this.#mode === 'want' && this.#held.length > this.#mostBytes) this.#tooLong();
  }

  #decide(): void {
    const held = this.#held.view();
    this.#mode = this.#handler.wants(held.subarray(0, beginningBytes)) ? 'want' : 'noise';
    if (this.#mode === 'want') return;
    this.#showNoise(held);
    this.#held.clear();
  }

  #tooLong(): void {
    const beginning = Buffer.from(this.#held.view().subarray(0, beginningBytes));
    this.#held.clear();
    this.#mode = 'drop';
    this.#handler.overlong(beginning);
  }

  #endLine(): void {
    if (this.#mode === null) this.#decide();
    if (this.#mode === 'want') {
      const bytes = this.#held.length;
      const text = this.#held.view().toString('utf8');
      this.#reset();
      return this.#handler.line(text, bytes);
    }
    if (this.#mode === 'noise') this.#endNoise();
    this.#reset();
  }

  #showNoise(piece: Buffer): void {
    let at = 0;
    while (at < piece.length && this.#shown < noiseLimit) {
      const part = piece.subarray(at, Math.min(piece.length, at + noiseBytes, at + noiseLimit - this.#shown));
      at += part.length;
      this.#shown += part.length;
      this.#handler.noise(this.#decoder.write(part), false, part.length);
    }
    if (at < piece.length) this.#handler.noise('', false, piece.length - at);
  }

  #endNoise(): void {
    this.#handler.noise(this.#shown >= noiseLimit ? '…' : this.#decoder.end(), true, 1);
    this.#shown = 0;
    this.#decoder = new StringDecoder('utf8');
  }

  #reset(): void {
    this.#held.clear();
    this.#mode = null;
  }
}
