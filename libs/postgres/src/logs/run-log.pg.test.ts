import { runLogContract } from '@exosphere/testkit/run-log-contract';
import { openTestLedger } from '../testing/open-test-ledger.ts';

runLogContract('PostgreSQL', openTestLedger);
