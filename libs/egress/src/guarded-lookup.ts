import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** A connection that was refused for the address that it would go to. */
export class AddressRefused extends TypeError {
  readonly code = 'network-refused';
}

/** Looks a host name up, as `dns.lookup` with `all` does. */
export type Lookup = (
  host: string,
  options: LookupOptions,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

/** Asks the system: hosts file, DNS, and whatever else it knows. */
export const lookupAll: Lookup = (host, options, done) => {
  systemLookup(host, { ...options, all: true }, (error, addresses) => done(error, error === null ? addresses : []));
};

/** Why a literal address may not be connected to. Null: it is a public one, or a name, which is looked up first. */
export function literalRefusal(host: string): AddressRefused | null {
  const bare = host.replace(/^\[|\]$/g, '');
  return isIP(bare) !== 0 && !isPublicAddress(bare) ? refusal(host, [host]) : null;
}

function refusal(host: string, addresses: readonly string[]): AddressRefused {
  return new AddressRefused(
    `'${host}' may not be reached: its address ${addresses.join(', ')} is not one of the public internet. What an environment names under 'endpoints' may be reached.`,
  );
}

type Done = (error: Error | null, address: string | LookupAddress[], family?: number) => void;
type SocketLookup = (host: string, options: LookupOptions, done: Done) => void;

/** Gives the connection only addresses that were looked at: a name that changes between two look-ups gains nothing. */
export function guardedLookup(lookup: Lookup): SocketLookup {
  return (host, options, done) => {
    lookup(host, options, (error, addresses) => {
      if (error !== null) return done(error, []);
      const allowed = addresses.filter(({ address }) => isPublicAddress(address));
      if (allowed.length === 0) {
        const found = addresses.map(({ address }) => address);
        return done(refusal(host, found), []);
      }
      return answer(allowed, options, done);
    });
  };
}

/** The addresses as they come, for names that the environment gives. */
export function openLookup(lookup: Lookup): SocketLookup {
  return (host, options, done) => {
    lookup(host, options, (error, addresses) => (error === null ? answer(addresses, options, done) : done(error, [])));
  };
}

function answer(addresses: readonly LookupAddress[], options: LookupOptions, done: Done): void {
  const first = addresses[0];
  if (options.all === true || first === undefined) done(null, [...addresses]);
  else done(null, first.address, first.family);
}
