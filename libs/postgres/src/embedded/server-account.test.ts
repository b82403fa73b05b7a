import { expect, test } from 'vitest';
import { parseAccounts } from './server-account.ts';

test('accounts are read from passwd, but not root, nor lines that are none', () => {
  const passwd =
    'root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104:PostgreSQL,,,:/var/lib/postgresql:/bin/bash\n+::::::\n# comment\nbad:x:y:z:::\n';
  expect(parseAccounts(passwd)).toEqual([{ name: 'postgres', uid: 101, gid: 104 }]);
});
