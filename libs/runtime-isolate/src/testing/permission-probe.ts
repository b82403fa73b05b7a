import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/* Runs in the place of a sandbox process and says what it may do. */

function outcome(work: () => unknown): unknown {
  try {
    work();
    return 'done';
  } catch (cause) {
    return cause instanceof Error && 'code' in cause ? cause.code : String(cause);
  }
}

const found = {
  environment: process.env,
  'read /etc/passwd': outcome(() => readFileSync('/etc/passwd')),
  'read the home folder': outcome(() => readdirSync('/root')),
  'write a file': outcome(() => writeFileSync('/tmp/exosphere-probe', 'x')),
  'start a process': outcome(() => spawnSync('/bin/true')),
  'start a thread': outcome(() => new Worker('', { eval: true })),
};
writeSync(2, JSON.stringify(found));
process.exit(0);
