import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileBlobStore } from '@exosphere/blobs';
import type { Json, JsonObject } from '@exosphere/model';
import { describe, expect, it } from 'vitest';
import { testCatalogManifests } from '../test-satellites.ts';
import { memoryStage } from './memory-stage.ts';
import { playCase } from './play-case.ts';

const items: readonly Json[] = Array.from({ length: 10_001 }, (_, n) => ({ n }));

function clusterWith(input: JsonObject): JsonObject {
  return {
    version: '0.0.1b',
    cluster: {
      identifier: 'test/large',
      sla: '6h',
      trigger: { 'api-call': {} },
      satellites: [
        { identifier: 'src', uses: 'test/list', config: { items } },
        { identifier: 'work', uses: 'test/echo' },
        { identifier: 'all', uses: 'test/echo', collect: 'run', input },
      ],
    },
  };
}

describe('a list of more than 10,000 objects', () => {
  it('is given as a file of JSON lines where a scalar is exactly this list', { timeout: 60_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'exosphere-large-list-'));
    const blobs = await createFileBlobStore({ folder });
    const stage = memoryStage({ seed: 1, workers: 1 });
    try {
      const example = { name: 'large', clusters: {}, manifests: testCatalogManifests, inputs: {}, faults: [], actions: [], expect: {} };
      const registered: typeof blobs = {
        ...blobs,
        write: async (project, content, options) => {
          const written = await blobs.write(project, content, options);
          stage.ledger.addBlob(project, written.digest);
          return written;
        },
      };
      const cluster = clusterWith({ works: '${{ satellites.work.output }}' });
      const played = await playCase({ ...stage, options: { blobs: registered }, describes: ['all'] }, { ...example, cluster });
      expect(played.seen?.run).toBe('completed');
      const [output] = played.seen?.executions['all']?.['output'] as readonly JsonObject[];
      const works = output?.['works'] as JsonObject;
      expect(works).toMatchObject({ name: 'work.ndjson', count: 10_001, 'content-type': 'application/x-ndjson' });
      const lines: string[] = [];
      const decoder = new TextDecoder();
      let text = '';
      for await (const part of await blobs.read('test', works['file'] as string, { signal: AbortSignal.timeout(5_000) }))
        text += decoder.decode(part, { stream: true });
      lines.push(...text.trimEnd().split('\n'));
      expect(lines.length).toBe(10_001);
      expect(lines[10_000]).toBe('{"n":10000}');
    } finally {
      await stage.close();
      await rm(folder, { recursive: true });
    }
  });

  it('fails the step that uses it in another way, and says what to do', { timeout: 60_000 }, async () => {
    const stage = memoryStage({ seed: 1, workers: 1 });
    try {
      const cluster = clusterWith({ count: '${{ length(satellites.work.output) }}' });
      const played = await playCase(
        { ...stage, describes: ['all'] },
        { name: 'large', cluster, clusters: {}, manifests: testCatalogManifests, inputs: {}, faults: [], actions: [], expect: {} },
      );
      expect(played.seen?.run).toBe('failed');
      expect(played.seen?.executions['all']?.['error']).toMatchObject({
        code: 'LIST_TOO_LARGE',
        message: expect.stringContaining('10001 objects') as string,
      });
    } finally {
      await stage.close();
    }
  });
});
