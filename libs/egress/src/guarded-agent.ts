import { isIP } from 'node:net';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup as systemLookup } from 'node:dns';
import { Agent, buildConnector } from 'undici';
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

const lookupAll: Lookup = (host, options, done) => {
  systemLookup(host, { ...options, all: true }, (error, addresses) => done(error, error === null ? addresses : []));
};

/** The attempt has a time limit of its own, which ends its requests; these would only cut long answers of models short. */
const agentLimits = { connections: 128, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 4_000, allowH2: false };

function refusal(host: string, addresses: readonly string[]): AddressRefused {
  return new AddressRefused(
    `'${host}' may not be reached: its address ${addresses.join(', ')} is not one of the public internet. What an environment names under 'endpoints' may be reached.`,
  );
}

type Done = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** Gives the connection only addresses that were looked at: a name that changes between two look-ups gains nothing. */
function guardedLookup(lookup: Lookup): (host: string, options: LookupOptions, done: Done) => void {
  return (host, options, done) => {
    lookup(host, options, (error, addresses) => {
      if (error !== null) return done(error, []);
      const allowed = addresses.filter(({ address }) => isPublicAddress(address));
      const first = allowed[0];
      if (first === undefined)
        return done(
          refusal(
            host,
            addresses.map(({ address }) => address),
          ),
          [],
        );
      return options.all === true ? done(null, [...allowed]) : done(null, first.address, first.family);
    });
  };
}

/**
 * An HTTP agent that connects to public addresses only. The address is looked at when the connection is made, for literal addresses
 * too, and again for each redirect.
 */
export function guardedAgent(lookup: Lookup = lookupAll): Agent {
  const connect = buildConnector({ lookup: guardedLookup(lookup), timeout: 10_000 });
  return new Agent({
    ...agentLimits,
    connect(options, done) {
      if (isIP(options.hostname.replace(/^\[|\]$/g, '')) !== 0 && !isPublicAddress(options.hostname)) {
        done(refusal(options.hostname, [options.hostname]), null);
        return;
      }
      connect(options, done);
    },
  });
}

/** An agent for the endpoints that an environment names: any address. */
export function namedAgent(): Agent {
  return new Agent({ ...agentLimits, connect: { timeout: 10_000 } });
}
