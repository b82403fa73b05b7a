import { plainText } from '../stream/plain-text.ts';
import type { Source } from '../stream/demultiplexer.ts';

/** A line that is no answer, or a piece of a very long one. */
export interface NoiseLine {
  readonly source: Source;
  /** As it was printed, with its control characters. */
  readonly text: string;
}

/** Lines that are kept to explain an end. */
const tailLines = 8;
const tailCharacters = 4_000;
/** Of one line so much is kept. */
const lineCharacters = 64 * 1024;
/** A line counts so much at least: millions of empty ones are work, too. */
const lineBytes = 32;
/** So much of it is no accident. */
const floodBytes = 64 * 2 ** 20;

export interface NoiseOptions {
  readonly onLine: (line: NoiseLine) => void;
  /** More than 64 MiB came that is no answer. */
  readonly onFlood: () => void;
}

/** Joins the pieces of a line that nobody wanted, remembers the last lines, and notices a flood. */
export class Noise {
  readonly #options: NoiseOptions;
  readonly #open: Record<Source, string> = { stdout: '', stderr: '' };
  #tail: string[] = [];
  #volume = 0;

  constructor(options: NoiseOptions) {
    this.#options = options;
  }

  take(source: Source, text: string, { isLast, bytes }: { readonly isLast: boolean; readonly bytes: number }): void {
    this.count(isLast ? Math.max(bytes, lineBytes) : bytes);
    const joined = this.#open[source] + text;
    if (!isLast && joined.length < tailCharacters) {
      this.#open[source] = joined;
      return;
    }
    this.#open[source] = '';
    if (joined.trim() === '') return;
    const line = joined.length > lineCharacters ? `${joined.slice(0, lineCharacters)}…` : joined;
    this.#tail.push(line);
    if (this.#tail.length > tailLines) this.#tail.shift();
    this.#options.onLine({ source, text: line });
  }

  /** Something else came that nobody needs so much of. */
  count(bytes: number): void {
    this.#volume += bytes;
    if (this.#volume > floodBytes) this.#options.onFlood();
  }

  /** What came is not held against it any more; at the most so many bytes of it. */
  forget(bytes = Number.POSITIVE_INFINITY): void {
    this.#volume = Math.max(0, this.#volume - bytes);
  }

  /** What it printed last, for people; empty: nothing. */
  get tail(): string {
    return plainText(this.#tail.join('\n').slice(-tailCharacters));
  }
}
