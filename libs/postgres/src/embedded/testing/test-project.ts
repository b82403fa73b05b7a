import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmod, chown, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { DatabaseHome } from '../database-home.ts';
import { locateHome } from '../prepare-home.ts';
import { removeEmbedded } from '../remove-embedded.ts';
import { parseAccounts } from '../server-account.ts';

export type Report = Readonly<Record<string, unknown>> & { readonly kind: string };

/** Another process that uses the database. */
export interface User {
  readonly pid: number;
  readonly reports: readonly Report[];
  /** The next report of one of these kinds. Fails if the process ends before. */
  readonly next: (...kinds: readonly string[]) => Promise<Report>;
  readonly tell: (line: string) => void;
  readonly kill: () => Promise<void>;
  /** Settled when it has ended, by itself or killed. */
  readonly ended: Promise<void>;
}

/** A project's folder. Its database is stopped and deleted after the test. */
export async function testProject(): Promise<{ readonly folder: string; readonly home: DatabaseHome }> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'exosphere-project-')));
  const home = await locateHome(folder);
  onTestFinished(async () => {
    await removeEmbedded(folder);
    await rm(folder, { recursive: true, force: true });
  });
  return { folder, home };
}

/** The same, for an ordinary user (where the tests run as root: for one that we can become). */
export async function ordinaryProject(): Promise<{
  readonly folder: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly home: DatabaseHome;
}> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'exosphere-project-')));
  const home = await locateHome(folder, { asRoot: false });
  const user =
    process.getuid?.() === 0 ? parseAccounts(await readFile('/etc/passwd', 'utf8')).find(({ name }) => name === 'nobody') : undefined;
  if (user !== undefined) {
    await chown(folder, user.uid, user.gid);
    await chmod(folder, 0o755);
  }
  onTestFinished(async () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return { folder, home, ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }) };
}

export interface UserOptions {
  readonly uid?: number;
  readonly gid?: number;
  /** A program to run it under: `unshare …` */
  readonly under?: readonly string[];
}

export function startUser(folder: string, { uid, gid, under = [] }: UserOptions = {}): User {
  const script = join(import.meta.dirname, 'use-database.ts');
  const [program, ...args] = [...under, process.execPath, script, folder] as const;
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: '/',
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  return { pid: child.pid ?? 0, ...listen(child), tell: (line) => void child.stdin.write(`${line}\n`), kill, ended };
}

function listen(child: ChildProcess): Pick<User, 'reports' | 'next'> {
  const reports: Report[] = [];
  let seen = 0;
  let ended = false;
  let wake = (): void => undefined;
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  lines.on('line', (line) => {
    reports.push(JSON.parse(line) as Report);
    wake();
  });
  child.once('close', () => {
    ended = true;
    wake();
  });
  const next = async (...kinds: readonly string[]): Promise<Report> => {
    for (;;) {
      const report = reports[seen];
      if (report === undefined) {
        if (ended) throw new Error(`it ended without saying ${kinds.join(' or ')}; it said ${JSON.stringify(reports)}`);
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      seen += 1;
      if (kinds.includes(report.kind)) return report;
    }
  };
  return { reports, next };
}
