import { availableParallelism } from 'node:os';
import { callOpen, createIsolateWorld } from '../src/testing/isolate-world.ts';

/*
 * How many no-op requests the runtime alone answers: schema checks, queue and ledger come on top. Medians of several rounds.
 *
 *   node libs/runtime-isolate/bench/no-op.ts [requests of a call] [calls at once]
 */

const [size = '250', atOnce = '2'] = process.argv.slice(2);
const rounds = 9;
const callsOfRound = 200;
const noOp = 'return { run: async ({ input }) => [{ n: input.n }] };';

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const world = createIsolateWorld();
const started = await timed(() => world.runtime.ready());
const inputs = Array.from({ length: Number(size) }, (_, n) => ({ n, name: `file-${n}.pdf`, 'file-path': `sec/2024/file-${n}.pdf` }));

const rates: number[] = [];
const open = await world.open(noOp);
for (let round = 0; round < rounds; round += 1) {
  let left = callsOfRound;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await callOpen(open, { inputs });
    }
  };
  const ms = await timed(() => Promise.all(Array.from({ length: Number(atOnce) }, worker)));
  rates.push((callsOfRound * inputs.length * 1_000) / ms);
}

const single: number[] = [];
for (let call = 0; call < 500; call += 1) single.push(await timed(() => callOpen(open, { inputs: inputs.slice(0, 1) })));
await open.close();

const contexts: number[] = [];
for (let run = 0; run < 100; run += 1) contexts.push(await timed(() => world.call(noOp, { inputs: [{ n: 1 }] }, { run: `run-${run}` })));
await world.close();

process.stdout.write(`cores                               ${availableParallelism()}\n`);
process.stdout.write(`first sandbox process               ${started.toFixed(0)} ms\n`);
process.stdout.write(`no-op requests, ${size} in a call, ${atOnce} calls at once   ${Math.round(median(rates)).toLocaleString('en')}/s\n`);
process.stdout.write(`one request alone, warm context     ${median(single).toFixed(2)} ms\n`);
process.stdout.write(`open, one request, close            ${median(contexts).toFixed(2)} ms\n`);
