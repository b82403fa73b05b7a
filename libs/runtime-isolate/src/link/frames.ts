import { Buffer } from 'node:buffer';

/** One message of the pipe: a small JSON header and bytes beside it. */
export interface Frame {
  readonly header: string;
  readonly body: Buffer;
}

const prefixBytes = 8;
const noBody = Buffer.alloc(0);

/** Header and body behind their two lengths. Big bodies are not copied. */
export function encodeFrame(header: string, body: Buffer | null): readonly Buffer[] {
  const head = Buffer.from(header);
  const prefix = Buffer.allocUnsafe(prefixBytes);
  prefix.writeUInt32LE(head.byteLength, 0);
  prefix.writeUInt32LE(body?.byteLength ?? 0, 4);
  return body === null || body.byteLength === 0 ? [prefix, head] : [prefix, head, body];
}

/** What a peer sent is no frame: it is broken or hostile. */
export class FrameError extends RangeError {}

/**
 * Cuts a stream of bytes into frames.
 *
 * @param mostBytes longest header or body that is accepted: a hostile peer cannot make this side allocate more
 */
export function frameReader(mostBytes: number, take: (frame: Frame) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let held = 0;
  let needed = prefixBytes;

  const gather = (): Buffer => {
    const all = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, held);
    chunks = [all];
    return all;
  };

  const lengths = (all: Buffer): { header: number; body: number } => {
    const header = all.readUInt32LE(0);
    const body = all.readUInt32LE(4);
    if (header > mostBytes || body > mostBytes)
      throw new FrameError(`a frame of ${header} + ${body} bytes, at most ${mostBytes} are taken`);
    return { header, body };
  };

  return (chunk) => {
    chunks.push(chunk);
    held += chunk.byteLength;
    while (held >= needed) {
      const all = gather();
      const { header, body } = lengths(all);
      const end = prefixBytes + header + body;
      needed = end;
      if (held < end) return;
      chunks = held === end ? [] : [all.subarray(end)];
      held -= end;
      needed = prefixBytes;
      take({
        header: all.toString('utf8', prefixBytes, prefixBytes + header),
        body: body === 0 ? noBody : all.subarray(prefixBytes + header, end),
      });
    }
  };
}
