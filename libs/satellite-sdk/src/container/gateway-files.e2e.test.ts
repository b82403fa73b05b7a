import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ContainerProcess } from './testing/container-process.ts';
import { endContainers, hello, nonce, request, startContainer } from './testing/container-process.ts';
import type { TestGateway } from './testing/test-gateway.ts';
import { breaksOff, startTestGateway } from './testing/test-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterEach(endContainers);
afterAll(() => gateway.close());

const start = (): ContainerProcess => startContainer({ hello: { ...hello, files: gateway.socketPath } });

describe('files in a container', () => {
  it('are read as text, as bytes and as a stream', async () => {
    const container = start();
    container.send(request(1, 'read-file', { file: gateway.put('hällo') }));
    expect(await container.answer({ nonce: nonce(1), objects: undefined })).toMatchObject({
      objects: [{ text: 'hällo', size: 6, streamed: 6 }],
    });
  });

  it('are written from whatever holds bytes', async () => {
    const container = start();
    container.send(request(1, 'write-files', 'wörld'));
    const { objects } = await container.answer({ nonce: nonce(1), objects: undefined });
    expect(objects.map(({ name, size }: { name: string; size: number }) => [name, size])).toEqual(
      ['text.txt', 'bytes.bin', 'iterable.txt', 'stream.txt'].map((name) => [name, 6]),
    );
    for (const { file } of objects) expect(gateway.stored.get(file)?.toString()).toBe('wörld');
  });

  it('that are missing are an error which is not tried again', async () => {
    const container = start();
    container.send(request(1, 'read-file', { file: `sha256:${'0'.repeat(64)}` }));
    expect(await container.answer({ nonce: nonce(1), error: undefined })).toMatchObject({
      error: { code: 'blob-missing', retryable: false },
    });
  });

  it('that break off are never taken for whole ones', async () => {
    const container = start();
    container.send(request(1, 'read-file', { file: breaksOff }));
    expect(await container.answer({ nonce: nonce(1), error: undefined })).toMatchObject({
      error: { code: 'blob-store-unavailable', retryable: true },
    });
  });

  it('are not stored when their source breaks, and the error is that of the source', async () => {
    const container = start();
    const before = gateway.stored.size;
    container.send(request(1, 'break-upload'));
    expect(await container.answer({ nonce: nonce(1), error: undefined })).toMatchObject({ error: { message: 'the source broke' } });
    expect(gateway.stored.size).toBe(before);
  });

  it('are closed to who has no token', async () => {
    const container = start();
    container.send(request(1, 'write-files', 'x', { 'files-token': 'another' }));
    expect(await container.answer({ nonce: nonce(1), error: undefined })).toMatchObject({ error: { code: 'request-invalid' } });
  });

  it('are told to be out of reach where nothing listens', async () => {
    const container = startContainer();
    container.send(request(1, 'read-file', { file: breaksOff }));
    const { error } = await container.answer({ nonce: nonce(1), error: undefined });
    expect(error).toMatchObject({ code: 'blob-store-unavailable', retryable: true });
  });
});
