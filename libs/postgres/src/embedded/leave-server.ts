import type { DatabaseHome } from './database-home.ts';
import type { Presence } from './presence.ts';
import { serverAccount } from './server-account.ts';
import { usableBinaries } from './server-binaries.ts';
import { stopServer } from './stop-server.ts';

/** Gives up a presence, and stops the server if it was the last one. The caller holds the lock of the home. */
export async function leaveServer(home: DatabaseHome, presence: Presence): Promise<void> {
  try {
    if (!(await presence.leave())) return;
    const [binaries, account] = await Promise.all([usableBinaries(home), serverAccount(home)]);
    await stopServer(home, binaries, { account, mode: 'fast' });
  } finally {
    await presence.close();
  }
}
