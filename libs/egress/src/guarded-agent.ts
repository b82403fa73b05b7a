import { Agent, buildConnector } from 'undici';
import type { Lookup } from './guarded-lookup.ts';
import { guardedLookup, literalRefusal, lookupAll } from './guarded-lookup.ts';

/** The attempt has a time limit of its own, which ends its requests; these would only cut long answers of models short. */
const agentLimits = { connections: 128, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 4_000, allowH2: false };

/**
 * An HTTP agent that connects to public addresses only. The address is looked at when the connection is made, for literal addresses
 * too, and again for each redirect.
 */
export function guardedAgent(lookup: Lookup = lookupAll): Agent {
  const connect = buildConnector({ lookup: guardedLookup(lookup), timeout: 10_000 });
  return new Agent({
    ...agentLimits,
    connect(options, done) {
      const refused = literalRefusal(options.hostname);
      if (refused === null) connect(options, done);
      else done(refused, null);
    },
  });
}

/** An agent for the endpoints that an environment names: any address. */
export function namedAgent(): Agent {
  return new Agent({ ...agentLimits, connect: { timeout: 10_000 } });
}
