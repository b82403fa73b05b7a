const keptBytes = 64 * 1024;

/**
 * Bytes that come in pieces, kept as one. They are copied, into room that doubles: a million pieces of one byte cost no more than a
 * piece of a million, and the chunks that they came in are let go.
 */
export class HeldBytes {
  readonly #mostBytes: number;
  #room = Buffer.allocUnsafeSlow(1_024);
  length = 0;

  /** @param mostBytes more than that are seldom held: room is doubled up to there */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  add(piece: Buffer): void {
    const length = this.length + piece.length;
    if (length > this.#room.length) {
      const room = Buffer.allocUnsafeSlow(Math.max(length, Math.min(2 * this.#room.length, this.#mostBytes)));
      this.#room.copy(room, 0, 0, this.length);
      this.#room = room;
    }
    piece.copy(this.#room, this.length);
    this.length = length;
  }

  /** All of them, as long as nothing is added or cleared. */
  view(): Buffer {
    return this.#room.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
    if (this.#room.length > keptBytes) this.#room = Buffer.allocUnsafeSlow(1_024);
  }
}
