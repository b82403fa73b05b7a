import { ExosphereError } from '@exosphere/model';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { S3ServerAnswer, S3ServerQuestion } from './s3-server-messages.ts';

/** The process of an S3 server, which is asked by messages. */
export interface S3ServerProcess {
  ask(question: S3ServerQuestion): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts the process. It needs OpenSSL's legacy provider, since s3rver encrypts its continuation tokens with DES. */
export function startS3Process(): S3ServerProcess {
  const child = fork(join(import.meta.dirname, 's3-server-main.ts'), {
    execArgv: ['--openssl-legacy-provider', '--no-warnings'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const waiting = new Map<number, (answer: S3ServerAnswer) => void>();
  child.on('message', (answer: S3ServerAnswer) => waiting.get(answer.id)?.(answer));
  child.on('exit', () => {
    for (const [id, settle] of waiting) settle({ id, value: null, error: 'its process has ended' });
  });
  let asked = 0;
  return {
    ask: async (question) => {
      const id = ++asked;
      const { value, error } = await new Promise<S3ServerAnswer>((resolve) => {
        waiting.set(id, resolve);
        child.send({ id, question });
      });
      waiting.delete(id);
      if (error !== null) throw new ExosphereError('test-server', `The S3 server could not ${question.kind}: ${error}`);
      return value;
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
