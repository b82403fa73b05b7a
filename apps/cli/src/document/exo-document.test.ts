import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as prettier from 'prettier';
import { expect, it } from 'vitest';
import { commands } from '../commands.ts';
import { exoDocument } from './exo-document.ts';

it('docs/exo.md says what the commands are; npm run write-docs -w apps/cli writes it', async () => {
  const path = join(import.meta.dirname, '../../../../docs/exo.md');
  const options = await prettier.resolveConfig(path);
  expect(await readFile(path, 'utf8')).toBe(await prettier.format(exoDocument(commands), { ...options, parser: 'markdown' }));
});

it('every command can be loaded', async () => {
  for (const command of commands) expect(await command.load(), command.name).toBeTypeOf('function');
});

it('no two options of a command are the same', () => {
  for (const { name, options } of commands) {
    const words = options.flatMap((option) => [option.name, ...(option.short === undefined ? [] : [option.short])]);
    expect(new Set([...words, 'json', 'project', 'no-color', 'help', 'h']).size, name).toBe(words.length + 5);
  }
});
