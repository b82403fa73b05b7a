import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { connectEmbedded } from '../connect-embedded.ts';
import { EmbeddedDatabaseError } from '../embedded-database-error.ts';

/** A process that uses the embedded database of a folder: it says what happens, and obeys one command a line. */
const [folder = '.'] = process.argv.slice(2);

function say(report: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

try {
  const began = performance.now();
  const database = await connectEmbedded({ folder, onProgress: ({ kind, message }) => say({ kind: 'progress', progress: kind, message }) });
  const { url, version, startedHere, dataDirectory } = database;
  say({ kind: 'connected', url, version, startedHere, dataDirectory, ms: performance.now() - began });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'release') {
      await database.release();
      say({ kind: 'released' });
      process.stdin.destroy(); // now nothing keeps this process alive
      break;
    }
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(line);
    await client.end();
    say({ kind: 'answer', rows });
  }
} catch (error) {
  if (!(error instanceof EmbeddedDatabaseError)) throw error;
  say({ kind: 'failed', code: error.code, message: error.message, retryable: error.retryable, log: error.log });
}
