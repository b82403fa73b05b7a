import { StringDecoder } from 'node:string_decoder';

/** What a splitter does with the lines of one stream. */
export interface LineHandler {
  /**
   * Looks at the beginning of a line (its first bytes, at most 256): whether the line is wanted whole. It is asked when there are that
   * many, or when the line ends.
   */
  wants(beginning: Buffer): boolean;
  /** A line that was wanted, without its end. */
  line(text: string, bytes: number): void;
  /** A piece of a line that was not: of at most 16 KiB. `isLast`: the line ends with it. */
  noise(text: string, isLast: boolean): void;
  /** A wanted line has more bytes than it may: nothing more of it is kept. */
  overlong(beginning: Buffer): void;
}

const beginningBytes = 256;
const noiseBytes = 16 * 1024;
/** Of one line that nobody wants, so much is shown. */
const noiseLimit = 64 * 1024;
const newline = 10;

/** Splits a stream of bytes into lines. What it holds is bounded: by `mostBytes` for a line that is wanted, by 16 KiB for any other. */
export class LineSplitter {
  readonly #handler: LineHandler;
  readonly #mostBytes: number;
  #parts: Buffer[] = [];
  #held = 0;
  /** Null: not decided yet. `drop`: too long. */
  #mode: 'want' | 'noise' | 'drop' | null = null;
  #decoder = new StringDecoder('utf8');
  #shown = 0;

  constructor(handler: LineHandler, mostBytes: number) {
    this.#handler = handler;
    this.#mostBytes = mostBytes;
  }

  push(content: Buffer): void {
    let at = 0;
    for (let end = content.indexOf(newline); end !== -1; end = content.indexOf(newline, at)) {
      this.#take(content.subarray(at, end));
      this.#endLine();
      at = end + 1;
    }
    if (at < content.length) this.#take(content.subarray(at));
  }

  /** The stream is over: what is left is a line. */
  end(): void {
    if (this.#held > 0 || this.#mode !== null) this.#endLine();
  }

  #take(piece: Buffer): void {
    if (piece.length === 0) return;
    if (this.#mode === 'drop') return;
    if (this.#mode === 'noise') return this.#showNoise(piece);
    this.#parts.push(piece);
    this.#held += piece.length;
    if (this.#mode === null && this.#held >= beginningBytes) this.#decide();
    if (this.#mode === 'want' && this.#held > this.#mostBytes) this.#tooLong();
  }

  #decide(): void {
    const beginning = joined(this.#parts, this.#held).subarray(0, beginningBytes);
    this.#mode = this.#handler.wants(beginning) ? 'want' : 'noise';
    if (this.#mode === 'want') return;
    const held = joined(this.#parts, this.#held);
    this.#forget();
    this.#showNoise(held);
  }

  #tooLong(): void {
    const beginning = joined(this.#parts, this.#held).subarray(0, beginningBytes);
    this.#forget();
    this.#mode = 'drop';
    this.#handler.overlong(beginning);
  }

  #endLine(): void {
    if (this.#mode === null) this.#decide();
    if (this.#mode === 'want') {
      const bytes = this.#held;
      const text = joined(this.#parts, bytes).toString('utf8');
      this.#reset();
      this.#handler.line(text, bytes);
      return;
    }
    if (this.#mode === 'noise') this.#handler.noise(this.#shown >= noiseLimit ? '…' : this.#decoder.end(), true);
    this.#reset();
  }

  #showNoise(piece: Buffer): void {
    for (let at = 0; at < piece.length && this.#shown < noiseLimit; at += noiseBytes) {
      const part = piece.subarray(at, Math.min(piece.length, at + noiseBytes, at + noiseLimit - this.#shown));
      this.#shown += part.length;
      this.#handler.noise(this.#decoder.write(part), false);
    }
  }

  #forget(): void {
    this.#parts = [];
    this.#held = 0;
  }

  #reset(): void {
    this.#forget();
    this.#mode = null;
    this.#shown = 0;
    this.#decoder = new StringDecoder('utf8');
  }
}

function joined(parts: readonly Buffer[], bytes: number): Buffer {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts, bytes);
}
