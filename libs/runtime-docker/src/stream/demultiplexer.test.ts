import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Source } from './demultiplexer.ts';
import { BrokenFrames, Demultiplexer } from './demultiplexer.ts';

function frame(source: Source, content: Buffer): Buffer {
  const header = Buffer.from([source === 'stdout' ? 1 : 2, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}

function taken(chunks: readonly Buffer[]): Record<Source, string> {
  const found: Record<Source, Buffer[]> = { stdout: [], stderr: [] };
  const demultiplexer = new Demultiplexer((source, content) => found[source].push(Buffer.from(content)));
  for (const chunk of chunks) demultiplexer.push(chunk);
  return { stdout: Buffer.concat(found.stdout).toString('latin1'), stderr: Buffer.concat(found.stderr).toString('latin1') };
}

describe('an attached stream', () => {
  it('is taken apart, however it is cut into chunks', () => {
    const frames = fc.array(fc.record({ source: fc.constantFrom<Source>('stdout', 'stderr'), content: fc.uint8Array({ maxLength: 40 }) }));
    fc.assert(
      fc.property(frames, fc.array(fc.nat({ max: 60 })), (list, cuts) => {
        const whole = Buffer.concat(list.map(({ source, content }) => frame(source, Buffer.from(content))));
        const chunks: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) {
          chunks.push(whole.subarray(at, at + cut));
          at += cut;
        }
        chunks.push(whole.subarray(at));
        const expected = (wanted: Source): string =>
          Buffer.concat(list.filter(({ source }) => source === wanted).map(({ content }) => content)).toString('latin1');
        expect(taken(chunks)).toEqual({ stdout: expected('stdout'), stderr: expected('stderr') });
      }),
    );
  });

  it('CTR-08: keeps a frame header that the content imitates as content', () => {
    const forged = frame('stderr', Buffer.from('forged'));
    expect(taken([frame('stdout', forged)])).toEqual({ stdout: forged.toString('latin1'), stderr: '' });
  });

  it.each([Buffer.from('plain text of a terminal'), Buffer.from([3, 0, 0, 0, 0, 0, 0, 1, 65]), Buffer.from([1, 0, 1, 0, 0, 0, 0, 1, 65])])(
    'is refused where it is none: %#',
    (chunk) => {
      expect(() => taken([chunk])).toThrow(BrokenFrames);
    },
  );
});
