import { Worker } from 'node:worker_threads';

/** So long after its time limit an attempt may still be at work. A worker that lives has killed it by then. */
export const graceMs = 5_000;
/** An attempt that lets the event loop turn is ended from there, which can say its name. */
const threadGraceMs = graceMs + 1_000;
const never = 2 ** 31 - 1;
/** One number is shared with the thread, of 32 bits: tenths of a second since the start. */
const unit = 100;

const thread = `
const { writeSync } = require('node:fs');
const { workerData: { cell, start } } = require('node:worker_threads');
for (;;) {
  Atomics.wait(cell, 1, 0, 1000);
  const dueAt = Atomics.load(cell, 0);
  if (dueAt === ${never} || Number(process.hrtime.bigint() - start) / 1e6 < dueAt * ${unit}) continue;
  writeSync(2, 'A request is still at work after its time limit, and lets nothing else run: the process ends.\\n');
  process.kill(process.pid, 'SIGKILL');
}
`;

/** Ends the process where the event loop is held up for longer than an attempt may take: of a worker that is lost, nothing stays behind. */
export class Watchdog {
  readonly #cell = new Int32Array(new SharedArrayBuffer(8));
  readonly #start = performance.now();

  constructor() {
    this.expect(Number.POSITIVE_INFINITY);
  }

  /** A thread of its own: a loop that never gives way stops every timer of this one. */
  watch(): void {
    const workerData = { cell: this.#cell, start: process.hrtime.bigint() };
    const resourceLimits = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 };
    const worker = new Worker(thread, { eval: true, workerData, resourceLimits, env: {}, execArgv: [], stdout: true, stderr: true });
    worker.on('error', () => undefined); // the system allows no more threads: what this one would do is the worker's affair then
    worker.unref();
  }

  /** When the first of all attempts is over its limit, by `performance.now()`. */
  expect(dueAt: number): void {
    const tenths = Math.ceil((dueAt + threadGraceMs - this.#start) / unit);
    Atomics.store(this.#cell, 0, Math.min(tenths, never));
  }
}
