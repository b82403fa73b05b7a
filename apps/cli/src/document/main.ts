import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as prettier from 'prettier';
import { commands } from '../commands.ts';
import { exoDocument } from './exo-document.ts';

/** Writes docs/exo.md: `npm run write-docs -w apps/cli`. */
const path = join(import.meta.dirname, '../../../../docs/exo.md');
await writeFile(path, await prettier.format(exoDocument(commands), { ...(await prettier.resolveConfig(path)), parser: 'markdown' }));
