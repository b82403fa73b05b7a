import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, FrameError, frameReader } from './frames.ts';

function wire(frames: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(frames.flatMap(([header, body]) => encodeFrame(header, body === '' ? null : Buffer.from(body))));
}

describe('frames', () => {
  it('come out as they went in, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string())), fc.array(fc.integer({ min: 1, max: 40 })), (frames, cuts) => {
        const read: [string, string][] = [];
        const take = frameReader(10_000, ({ header, body }) => void read.push([header, body.toString()]));
        let rest = wire(frames);
        for (let turn = 0; rest.byteLength > 0; turn += 1) {
          const cut = cuts[turn] ?? rest.byteLength;
          take(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        expect(read).toEqual(frames);
      }),
    );
  });

  it('of a size that no peer of ours sends are refused before anything is kept', () => {
    const prefix = Buffer.alloc(8);
    prefix.writeUInt32LE(4_000_000_000, 4);
    expect(() => frameReader(1_000, () => {})(prefix)).toThrow(FrameError);
  });
});
