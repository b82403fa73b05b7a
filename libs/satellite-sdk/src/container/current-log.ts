import { AsyncLocalStorage } from 'node:async_hooks';
import { format } from 'node:util';
import type { LogLevel, RequestLog } from '../reply/index.ts';
import { consoleMethods } from '../reply/index.ts';

/** The log of the request that the code which runs just now works on. */
export const currentLog = new AsyncLocalStorage<RequestLog>();

/** A record of the current request; outside of any, a line on stderr. */
export function say(level: LogLevel, message: string): void {
  const log = currentLog.getStore();
  if (log === undefined) process.stderr.write(`${message}\n`);
  else log.write(level, message);
}

/** Makes records of what is printed with `console`. */
export function takeConsole(): void {
  Object.assign(
    console,
    consoleMethods(say, (values) => format(...values)),
  );
}

/** A promise that nobody looks after must not end the process, which other requests work in. */
export function takeRejections(): void {
  process.on('unhandledRejection', (reason) => {
    say('error', format('A promise was rejected, and nothing waited for it:', reason));
  });
}
