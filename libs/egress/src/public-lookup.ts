import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import type { Lookup } from './guarded-lookup.ts';

let resolver: Resolver | null = null;

/**
 * Looks public names up, in the DNS and nowhere else. `dns.lookup` would hold one of the process's few threads for as long as a slow
 * name server likes, and those threads read files too: who may choose a name could stop a worker with four of them.
 */
export const publicLookup: Lookup = (host, _options, done) => {
  resolver ??= new Resolver({ timeout: 3_000, tries: 2 });
  void Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]).then(([v4, v6]) => {
    const found: LookupAddress[] = [...addressesOf(v4, 4), ...addressesOf(v6, 6)];
    done(found.length === 0 && v4.status === 'rejected' ? failureOf(v4.reason) : null, found);
  });
};

function addressesOf(answer: PromiseSettledResult<string[]>, family: 4 | 6): LookupAddress[] {
  return answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : [];
}

function failureOf(reason: unknown): Error {
  return reason instanceof Error ? reason : new TypeError('The name could not be looked up.', { cause: reason });
}
