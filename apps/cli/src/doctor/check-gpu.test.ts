import { describe, expect, it } from 'vitest';
import type { EngineFacts } from './ask-engine.ts';
import { checkGpu } from './check-gpu.ts';

const engine: EngineFacts = { name: 'Docker 28.2.2', apiVersion: '1.50', cgroupVersion: '2', storage: 'overlayfs', runtimes: ['runc'] };
const cards = '[{"id": "GPU-1", "model": "NVIDIA H100", "memory": "80GiB"}, {"id": "GPU-2", "model": "NVIDIA H100", "memory": "80GiB"}]';

describe('the finding on graphics cards', () => {
  it('lists those that containers may use', async () => {
    const found = '2 × NVIDIA H100 (80 GiB), declared in EXO_GPUS';
    const withRuntime = { ...engine, runtimes: ['runc', 'nvidia'] };
    expect(await checkGpu(cards, withRuntime)).toEqual({ what: 'gpu', state: 'good', found, advice: null });
    expect(await checkGpu(cards, null)).toEqual({ what: 'gpu', state: 'good', found, advice: null });
  });

  it('says what may be missing where the engine has no runtime for them', async () => {
    expect(await checkGpu(cards, engine)).toMatchObject({ state: 'good', advice: expect.stringContaining('NVIDIA Container Toolkit') });
    expect(await checkGpu('[{"id": "0", "driver": "other"}]', engine)).toMatchObject({ state: 'good', advice: null });
  });

  it('says that there is none', async () => {
    expect(await checkGpu('none', engine)).toMatchObject({ state: 'missing', found: 'no GPU, declared in EXO_GPUS' });
  });

  it('says in one line what is wrong with those that are declared', async () => {
    const finding = await checkGpu('[{"id": 1}, {"memory": "x"}]', engine);
    expect(finding).toMatchObject({ state: 'bad', advice: expect.stringContaining('Mend EXO_GPUS') });
    expect(finding.found).toMatch(/^EXO_GPUS\[0\]\.id is 1, .*; EXO_GPUS\[1\]\.id is missing/);
  });
});
