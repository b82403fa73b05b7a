import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { undocumentedExports } from './public-names.ts';

test('an exported name without a doc comment is found where it is declared', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'exosphere-names-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'a.ts'), '/** Said. */\nexport const said = 1;\n\nexport const unsaid = 2;\nexport const inner = 3;\n');
  await writeFile(join(folder, 'b.ts'), 'export interface Options {\n  /** In ms. */\n  readonly wait: number;\n}\n');
  await writeFile(join(folder, 'index.ts'), "export { said, unsaid } from './a.ts';\nexport type { Options } from './b.ts';\n");
  const problems = undocumentedExports(folder, ['index.ts']);
  expect(problems).toEqual([
    { file: 'a.ts', line: 4, message: "'unsaid' is exported from index.ts without a doc comment: say what it is, its units, its errors." },
  ]);
});
