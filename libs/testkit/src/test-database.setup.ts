import { startTestDatabase } from './test-database.ts';

/** The `globalSetup` of the test projects that need a database: one server for the whole run. */
export async function setup(): Promise<() => Promise<void>> {
  const { stop } = await startTestDatabase();
  return stop;
}
