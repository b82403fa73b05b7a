import { bytesOf, chunksOf, joined } from './bytes.ts';
import { textOf } from './text-of.ts';
import { GuestUrlSearchParams } from './url-search-params.ts';

export type BodyInit = string | ArrayBuffer | ArrayBufferView | ReadableStream<Uint8Array> | GuestUrlSearchParams | null;

/** What a body is made of, and the type that goes with it where no header says another. */
export interface BodySource {
  readonly content: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
  readonly contentType: string | null;
}

export function bodySource(init: unknown): BodySource {
  if (init === null || init === undefined) return { content: null, contentType: null };
  if (init instanceof GuestUrlSearchParams)
    return { content: init.toString(), contentType: 'application/x-www-form-urlencoded;charset=UTF-8' };
  if (init instanceof ReadableStream) return { content: init as ReadableStream<Uint8Array>, contentType: null }; // its chunks are checked when they are read
  if (init instanceof ArrayBuffer || ArrayBuffer.isView(init)) return { content: bytesOf(init), contentType: null };
  if (typeof init === 'object' && Symbol.asyncIterator in init) return { content: streamOf(chunksOf(init)), contentType: null };
  return { content: textOf(init), contentType: 'text/plain;charset=UTF-8' };
}

/** A stream that pulls from an iterator: back-pressure is the iterator's. */
export function streamOf(chunks: AsyncIterator<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await chunks.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** What Request and Response have in common. */
export class GuestBody {
  #source: BodySource['content'];
  #stream: ReadableStream<Uint8Array> | null = null;
  #used = false;

  constructor(source: BodySource['content']) {
    this.#source = source;
  }

  get body(): ReadableStream<Uint8Array> | null {
    if (this.#source === null) return null;
    this.#stream ??= this.#source instanceof ReadableStream ? this.#source : streamOf(chunksOf(this.#source));
    return this.#stream;
  }

  get bodyUsed(): boolean {
    return this.#used || (this.#stream?.locked ?? false);
  }

  /** What is to be sent: bytes or text where they are at hand, or else the stream. */
  takeSource(): BodySource['content'] {
    this.#take();
    return this.#stream ?? this.#source;
  }

  #take(): void {
    if (this.bodyUsed) throw new TypeError('The body was read already.');
    this.#used = this.#source !== null;
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    this.#take();
    const source = this.#stream ?? this.#source;
    if (source === null) return new Uint8Array(0);
    const chunks: Uint8Array[] = [];
    for await (const chunk of chunksOf(source)) chunks.push(chunk);
    return joined(chunks);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  /** Splits the body for a clone. */
  splitSource(): BodySource['content'] {
    if (this.bodyUsed) throw new TypeError('The body was read already.');
    const stream = this.#stream ?? (this.#source instanceof ReadableStream ? this.#source : null);
    if (stream === null) return this.#source;
    const [mine, other] = stream.tee();
    this.#source = mine;
    this.#stream = mine;
    return other;
  }
}
