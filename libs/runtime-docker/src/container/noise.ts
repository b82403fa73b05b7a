import { plainText } from '../stream/plain-text.ts';
import type { Source } from '../stream/demultiplexer.ts';

/** A line that is no answer, or a piece of a very long one. */
export interface NoiseLine {
  readonly source: Source;
  readonly text: string;
}

/** Lines that are kept to explain an end. */
const tailLines = 20;
const tailCharacters = 4_000;

/** Joins the pieces of a line that nobody wanted, and remembers the last lines. */
export class Noise {
  readonly #onLine: (line: NoiseLine) => void;
  readonly #open: Record<Source, string> = { stdout: '', stderr: '' };
  #tail: string[] = [];
  /** Bytes, about, since {@link Noise.forgetVolume}. */
  volume = 0;

  constructor(onLine: (line: NoiseLine) => void) {
    this.#onLine = onLine;
  }

  take(source: Source, text: string, isLast: boolean): void {
    const joined = this.#open[source] + text;
    if (!isLast && joined.length < tailCharacters) {
      this.#open[source] = joined;
      return;
    }
    this.#open[source] = '';
    const line = plainText(joined);
    if (line.trim() === '') return;
    this.#tail.push(line.slice(0, tailCharacters));
    if (this.#tail.length > tailLines) this.#tail.shift();
    this.#onLine({ source, text: line });
  }

  forgetVolume(): void {
    this.volume = 0;
  }

  /** What it printed last, for people; empty: nothing. */
  get tail(): string {
    return this.#tail.join('\n').slice(-tailCharacters);
  }
}
