import type { Json } from '@exosphere/model';
import { createDockerWorld } from './docker-world.ts';

/** A worker of a test, in a process of its own: it runs one execution, and is killed at a step of its container. */
export interface KilledWorker {
  readonly step: 'created' | 'attached' | 'started' | 'working' | 'ended';
  readonly mode: 'once' | 'worker';
  readonly homes: string;
  readonly key: string;
  readonly script: string;
  readonly input: Json;
}

const dead = (): void => void process.kill(process.pid, 'SIGKILL');

const { step, mode, homes, key, script, input } = JSON.parse(process.argv[2] ?? '') as KilledWorker; // what the test gives
const world = await createDockerWorld({
  homes,
  onStep: (at) => {
    if (at === step) dead();
    if (at === 'started' && step === 'working') setTimeout(dead, 700);
  },
});
const { replies } = await world.call(script, { key, inputs: [input] }, {}, { mode });
process.stdout.write(`${JSON.stringify(replies)}\n`);
await world.close();
