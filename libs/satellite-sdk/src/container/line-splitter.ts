const newline = 10;

/** Makes lines of chunks. A line may come in many chunks, and a chunk may end within a character. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #rest: Buffer[] = [];

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    const last = chunk.lastIndexOf(newline);
    if (last < 0) {
      this.#rest.push(chunk);
      return;
    }
    // All whole lines are decoded at once: a thousand short ones cost as much as a long one.
    const whole = chunk.subarray(0, last);
    const text = this.#rest.length === 0 ? whole.toString() : Buffer.concat([...this.#rest, whole]).toString();
    this.#rest = last + 1 < chunk.length ? [chunk.subarray(last + 1)] : [];
    this.#split(text);
  }

  /** A last line need not have a newline. */
  end(): void {
    const text = Buffer.concat(this.#rest).toString();
    this.#rest = [];
    this.#split(text);
  }

  #split(text: string): void {
    for (const line of text.split('\n')) if (line !== '') this.#onLine(line);
  }
}
