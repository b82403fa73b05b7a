import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { onFiles } from './file-failure.ts';
import { locateHome } from './prepare-home.ts';
import { serverAccount } from './server-account.ts';
import { usableBinaries } from './server-binaries.ts';
import { whileLocked } from './start-stop-lock.ts';
import { stopServer } from './stop-server.ts';

/** Stops the embedded database of a folder, whoever uses it, and deletes its data for good. For tests, and for who wants to begin anew. */
export async function removeEmbedded(folder: string): Promise<void> {
  const home = await locateHome(folder);
  if (!existsSync(home.directory)) return;
  await whileLocked(home, {}, async () => {
    const [binaries, account] = await Promise.all([usableBinaries(home), serverAccount(home)]);
    await stopServer(home, binaries, { account, mode: 'immediate' });
    await onFiles('delete', home.directory, async () => {
      await rm(home.connectionFile, { force: true });
      await rm(home.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    });
  });
}
