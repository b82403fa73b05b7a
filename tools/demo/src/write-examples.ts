import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exampleFiles } from './example-files.ts';

/** Writes what the examples have that is computed: `npm run write-examples -w tools/demo`. */
for (const [path, text] of await exampleFiles()) await writeFile(join(import.meta.dirname, '../../../examples', path), text);
