import { expect, test } from 'vitest';
import { badFileNames } from './file-names.ts';

test.for([
  'libs/model/src/ids.ts',
  'libs/postgres/src/sql/claim-shard.query.ts',
  'libs/postgres/sql/0001-first.sql',
  'apps/cli/src/run.e2e.test.ts',
])('%s is a good name', (path) => {
  expect(badFileNames([path])).toEqual([]);
});

test.for([
  ['libs/model/src/RunId.ts', "'RunId.ts' is not kebab-case: name it like 'retry-delay.ts'."],
  ['libs/model/src/run_id.ts', "'run_id.ts' is not kebab-case: name it like 'retry-delay.ts'."],
  ['libs/model/src/utils.ts', "'utils' in 'src/utils.ts' says nothing about what is in it: name the concept, like 'retry-delay.ts'."],
  [
    'libs/model/src/common/ids.ts',
    "'common' in 'src/common/ids.ts' says nothing about what is in it: name the concept, like 'retry-delay.ts'.",
  ],
] as const)('%s is a bad name', ([path, message]) => {
  expect(badFileNames([path]).map((problem) => problem.message)).toEqual([message]);
});
