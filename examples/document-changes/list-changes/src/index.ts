import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { defineSatellite, SatelliteFailure } from '@exosphere/satellite';
import { changesIn } from './changes.ts';

interface Versions {
  readonly before: string;
  readonly after: string;
}

export default defineSatellite<object, Versions>({
  async run({ input }, { emit, metrics, signal }) {
    const folder = await mkdtemp(join(tmpdir(), 'versions-'));
    try {
      await Promise.all([writeFile(join(folder, 'before'), input.before), writeFile(join(folder, 'after'), input.after)]);
      const diff = spawn('diff', ['-U', '0', 'before', 'after'], { cwd: folder, signal, stdio: ['ignore', 'pipe', 'inherit'] });
      let changes = 0;
      const handOn = async (): Promise<void> => {
        for await (const change of changesIn(createInterface(diff.stdout))) {
          await emit([change]); // the first change goes on while the last is looked for
          changes += 1;
        }
      };
      const [[exitCode]] = await Promise.all([once(diff, 'close') as Promise<[number]>, handOn()]); // the event's first argument
      if (exitCode > 1) throw new SatelliteFailure(`diff ended with exit code ${exitCode}.`, { code: 'diff-failed' });
      metrics({ changes });
    } finally {
      await rm(folder, { recursive: true });
    }
  },
});
