import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findGpus } from './inventory.ts';
import { askNvidiaSmi, readSmi } from './nvidia-smi.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exosphere-gpu-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A program in the place of `nvidia-smi`, which is not on every machine. */
async function program(name: string, script: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

const h100 = { id: 'GPU-6f1e0c1a', index: 0, driver: 'nvidia', model: 'NVIDIA H100 80GB HBM3', memoryBytes: 81_559 * 2 ** 20 };

describe('the cards of a host', () => {
  it('are those that its driver tells of', async () => {
    const script = `[ "$1" = --query-gpu=index,uuid,name,memory.total ] && [ "$2" = --format=csv,noheader,nounits ] || exit 1
echo "0, GPU-6f1e0c1a, NVIDIA H100 80GB HBM3, 81559"
echo "1, GPU-7a2b, Tesla T4, 15360"`;
    expect(await findGpus({ declared: null, nvidiaSmi: await program('good', script) })).toEqual({
      gpus: [h100, { id: 'GPU-7a2b', index: 1, driver: 'nvidia', model: 'Tesla T4', memoryBytes: 15 * 2 ** 30 }],
      origin: 'nvidia-smi',
      warnings: [],
    });
  });

  it('are none where there is no driver, and nobody is warned', async () => {
    expect(await findGpus({ declared: null, nvidiaSmi: join(folder, 'nothing') })).toEqual({ gpus: [], origin: 'none', warnings: [] });
  });

  it('are none where the driver is broken, with what it said as a warning', async () => {
    const said = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.";
    const broken = await program('broken', `echo "${said}"; exit 9`);
    expect(await findGpus({ declared: null, nvidiaSmi: broken })).toEqual({
      gpus: [],
      origin: 'none',
      warnings: [`${broken} ended with 9, so no GPU is used: ${said}`],
    });
  });

  it('are none where the driver hangs, soon', async () => {
    const hanging = await program('hanging', 'exec sleep 600');
    const begun = performance.now();
    expect(await askNvidiaSmi(hanging, 200)).toEqual({
      kind: 'broken',
      warning: `${hanging} gave no answer within 0.2 s, so no GPU is used.`,
    });
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it('are none where the program cannot be run', async () => {
    const path = join(folder, 'no-program');
    await writeFile(path, 'text');
    expect(await askNvidiaSmi(path)).toMatchObject({ kind: 'broken', warning: expect.stringContaining('could not be started') });
  });

  it('are those that somebody declared, whatever the driver says', async () => {
    const nvidiaSmi = await program('ignored', 'echo "0, GPU-1, Tesla T4, 15360"');
    expect(await findGpus({ declared: 'none', nvidiaSmi })).toEqual({ gpus: [], origin: 'declared', warnings: [] });
    expect((await findGpus({ declared: ' [{"id": "GPU-9"}]', nvidiaSmi })).gpus).toMatchObject([{ id: 'GPU-9' }]);
    const file = join(folder, 'cards.json');
    await writeFile(file, '[{"id": "GPU-8", "memory": "24GiB"}]');
    expect((await findGpus({ declared: file, nvidiaSmi })).gpus).toMatchObject([{ id: 'GPU-8', memoryBytes: 24 * 2 ** 30 }]);
  });

  it('are refused where what is declared is neither of these', async () => {
    const path = join(folder, 'missing.json');
    await expect(findGpus({ declared: path })).rejects.toThrow(
      expect.objectContaining({ code: 'gpus-invalid', message: expect.stringMatching(/expected 'none', a list .* or the path .* ENOENT/) }),
    );
    await expect(findGpus({ declared: '{}' })).rejects.toThrow('EXO_GPUS is no list');
  });
});

describe('what nvidia-smi prints', () => {
  it('may have commas in names', () => {
    expect(readSmi('3, GPU-1, Graphics, Device 2, 1024\n\n')).toMatchObject({
      gpus: [{ index: 3, model: 'Graphics, Device 2', memoryBytes: 2 ** 30 }],
    });
  });

  it('may leave the memory open, which is warned of', () => {
    const answer = readSmi('0, GPU-1, NVIDIA GB10, [N/A]');
    expect(answer).toMatchObject({ gpus: [{ memoryBytes: null }], warnings: [expect.stringContaining('declare the card in EXO_GPUS')] });
  });

  it('may be nothing that is known', () => {
    expect(readSmi('No devices were found')).toMatchObject({ kind: 'broken', warning: expect.stringContaining("'No devices were found'") });
  });

  it('may be nothing at all', () => {
    expect(readSmi('')).toEqual({ kind: 'gpus', gpus: [], warnings: [] });
  });
});
