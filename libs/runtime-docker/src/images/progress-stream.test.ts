import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { EngineProgress } from './progress-stream.ts';
import { followProgress, isPassing } from './progress-stream.ts';

const never = new AbortController().signal;

function followed(lines: readonly string[], end: (stream: PassThrough) => void, patienceMs = 60_000): Promise<readonly EngineProgress[]> {
  const stream = new PassThrough();
  const seen: EngineProgress[] = [];
  const following = followProgress(stream, { what: "pull the image 'x'", onLine: (line) => seen.push(line), signal: never, patienceMs });
  for (const line of lines) stream.write(line);
  end(stream);
  return following.then(() => seen);
}

describe('what the engine says while it pulls or builds', () => {
  it('is told line by line, however it is cut', async () => {
    const seen = await followed(['{"status":"a"}\r\n{"sta', 'tus":"b"}\r\n\r\n'], (stream) => stream.end());
    expect(seen).toEqual([{ status: 'a' }, { status: 'b' }]);
  });

  it.each([
    ['manifest for x:1 not found: manifest unknown', false],
    ['pull access denied for x, repository does not exist', false],
    ['unauthorized: authentication required', false],
    ['filesystem layer verification failed for digest sha256:00', false],
    ['received unexpected HTTP status: 500 Internal Server Error', true],
    ['toomanyrequests: You have reached your pull rate limit.', true],
    ['write /var/lib/docker/tmp/GetImageBlob1: no space left on device', true],
    ['unexpected EOF', true],
  ])('CTR-12: fails in a line of it: %s', async (error, retryable) => {
    await expect(followed([`{"status":"a"}\n${JSON.stringify({ error })}\n`], (stream) => stream.end())).rejects.toMatchObject({
      code: 'image-unavailable',
      retryable,
      message: `The engine could not pull the image 'x': ${error}`,
    });
    expect(isPassing(error)).toBe(retryable);
  });

  it('CTR-12: has not ended where the connection breaks off', async () => {
    const failure = { code: 'image-unavailable', retryable: true };
    await expect(followed(['{"status":"a"}\n'], (stream) => stream.destroy())).rejects.toMatchObject(failure);
  });

  it('CTR-12: is given up when nothing comes for long', async () => {
    await expect(followed(['{"status":"a"}\n'], () => undefined, 50)).rejects.toMatchObject({
      code: 'image-unavailable',
      retryable: true,
      message: expect.stringContaining('nothing came'),
    });
  });
});
