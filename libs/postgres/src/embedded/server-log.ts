import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { rename, stat, truncate } from 'node:fs/promises';
import type { DatabaseHome } from './database-home.ts';
import { systemCode } from './file-failure.ts';

const keepAtStart = 2 ** 20;
const keepAtMost = 16 * 2 ** 20;
const tailBytes = 4_096;
const tailLines = 12;

/** Opens the log for the server to append to; a long one is put aside first (one generation is kept). */
export async function openServerLog(home: DatabaseHome): Promise<{ readonly fd: number; readonly offset: number }> {
  if ((await sizeOf(home.logFile)) > keepAtStart) await rename(home.logFile, `${home.logFile}.1`);
  const fd = openSync(home.logFile, 'a', 0o600);
  return { fd, offset: fstatSync(fd).size };
}

/** Empties the log of a server that runs for months. It appends, so it goes on at the start of the file. */
export async function boundServerLog(home: DatabaseHome): Promise<void> {
  if ((await sizeOf(home.logFile)) > keepAtMost) await truncate(home.logFile);
}

/** The last lines of the log, of those written since `offset`. Empty if there are none. */
export function serverLogTail(home: DatabaseHome, offset = 0): string {
  let fd: number;
  try {
    fd = openSync(home.logFile, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  }
  try {
    const end = fstatSync(fd).size;
    const buffer = Buffer.alloc(tailBytes);
    const length = readSync(fd, buffer, 0, tailBytes, Math.max(offset, end - tailBytes, 0));
    return lastLines(buffer.toString('utf8', 0, length));
  } finally {
    closeSync(fd);
  }
}

/** The last lines of what a program said. */
export function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-tailLines).join('\n');
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
