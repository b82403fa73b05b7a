import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Measures, Place } from './contender.ts';
import type { Costs } from './process-costs.ts';
import { costsOfTree } from './process-costs.ts';
import type { Answer, Order } from './process-messages.ts';

/** A contender in a process of its own, so that its memory and its CPU time can be told from the others'. */
export interface ContenderProcess {
  measure(): Promise<Measures>;
  costs(): Promise<Costs | null>;
  close(): Promise<void>;
}

/** @throws TypeError where it fails, ends, or does not get on */
export async function startContender(workload: string, contender: string, place: Place): Promise<ContenderProcess> {
  const child = fork(join(import.meta.dirname, '../contender-main.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ask = async (order: Order): Promise<Answer> => {
    const answer = await answerOf(child, order);
    if (answer.kind === 'failed') throw new TypeError(`${workload} ${contender} failed: ${answer.message}`);
    return answer;
  };
  try {
    await ask({ kind: 'open', workload, contender, place });
  } catch (error) {
    child.kill();
    throw error;
  }
  return {
    measure: async () => {
      const answer = await ask({ kind: 'measure' });
      return answer.kind === 'measured' ? answer.measures : {};
    },
    costs: () => (child.pid === undefined ? Promise.resolve(null) : costsOfTree(child.pid)),
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      await ask({ kind: 'close' });
      const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(impatience);
    },
  };
}

/** A contender that does not get on is a failure, not a figure. */
const patienceMs = 300_000;

function answerOf(child: ChildProcess, order: Order): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => {
      clearTimeout(impatience);
      reject(new TypeError(`the contender's process ended (${String(code)}) before it answered`));
    };
    const impatience = setTimeout(() => {
      reject(new TypeError(`the contender did not '${order.kind}' within ${String(patienceMs / 1_000)} s`));
      child.kill('SIGKILL');
    }, patienceMs);
    child.once('exit', ended);
    child.once('message', (answer) => {
      clearTimeout(impatience);
      child.off('exit', ended);
      resolve(answer as Answer); // our own child sends nothing else
    });
    child.send(order);
  });
}
