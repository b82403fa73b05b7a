import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { databaseHome } from './database-home.ts';
import type { DatabaseHome } from './database-home.ts';
import { whileLocked } from './start-stop-lock.ts';

test('only one at a time does what needs the lock, and who waits hears of it once', async () => {
  const home = lockableHome();
  let inside = 0;
  let waited = 0;
  const enter = (): Promise<void> =>
    whileLocked(home, { onWait: () => (waited += 1) }, async () => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 40));
      inside -= 1;
    });
  await Promise.all([enter(), enter(), enter()]);
  expect(waited).toBe(2);
});

test('the lock is free again after a failure', async () => {
  const home = lockableHome();
  const failing = whileLocked(home, {}, () => Promise.reject(new TypeError('no')));
  await expect(failing).rejects.toThrow('no');
  await expect(whileLocked(home, { timeoutMs: 0 }, async () => 7)).resolves.toBe(7);
});

test('waiting ends with the signal, or with a clear error when the time is up', async () => {
  const home = lockableHome();
  await whileLocked(home, {}, async () => {
    await expect(whileLocked(home, { signal: AbortSignal.timeout(30) }, async () => 7)).rejects.toMatchObject({
      name: expect.stringMatching(/^(Abort|Timeout)Error$/),
    });
    await expect(whileLocked(home, { timeoutMs: 30 }, async () => 7)).rejects.toMatchObject({ code: 'embedded-busy', retryable: true });
  });
});

test('who waited for the lock of a home that was removed gets the lock of the new one', async () => {
  const home = lockableHome();
  let waiter: Promise<number> | undefined;
  await whileLocked(home, {}, async () => {
    waiter = whileLocked(home, {}, async () => whileLocked(home, { timeoutMs: 0 }, async () => 1).catch(() => 7));
    await new Promise((resolve) => setTimeout(resolve, 30));
    rmSync(home.lockFile);
  });
  await expect(waiter).resolves.toBe(7);
});

function lockableHome(): DatabaseHome {
  const folder = mkdtempSync(join(tmpdir(), 'exosphere-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { ...databaseHome(folder, { asRoot: false, systemDirectory: folder }), lockFile: join(folder, 'lock') };
}
