import { ledgerContract } from '@exosphere/testkit/ledger-contract';
import { openTestLedger } from '../testing/open-test-ledger.ts';

ledgerContract('PostgreSQL', openTestLedger);
