import { defineConfig } from 'vitest/config';

const everywhere = ['apps', 'libs', 'satellites', 'tools', 'examples'];
const withSuffix = (suffix: string): string[] => everywhere.map((folder) => `${folder}/**/*.${suffix}.ts`);
const integration = ['pg.test', 'docker.test', 'e2e.test'].flatMap(withSuffix);
const never = ['**/node_modules/**', '**/dist/**', '**/.exosphere/**'];
/** Starts one PostgreSQL for all files of the run. */
const database = ['libs/testkit/src/test-database.setup.ts'];

/** The suffix of a test file picks its project: what it needs of the world is seen from its name. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: withSuffix('test'), exclude: [...never, ...integration], testTimeout: 30_000 } },
      {
        test: {
          name: 'pg',
          include: withSuffix('pg.test'),
          exclude: never,
          globalSetup: database,
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'docker',
          include: withSuffix('docker.test'),
          exclude: never,
          globalSetup: database,
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 300_000, // an image is built in some
        },
      },
      {
        test: {
          name: 'e2e',
          include: withSuffix('e2e.test'),
          exclude: never,
          globalSetup: database,
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
