import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { Lookup } from './guarded-lookup.ts';
import { AddressRefused, guardedLookup, literalRefusal, lookupAll, openLookup } from './guarded-lookup.ts';
import { publicLookup } from './public-lookup.ts';

/** How long one of several addresses is tried before the next: the default of 250 ms gives far ones up. */
const oneAddressMs = 1_500;
const localName = /^(.*\.)?localhost\.?$/i;

/**
 * A TCP connection to public addresses only, or to any where the environment names the host. The address that is looked at is the one
 * that is connected to. Fails with `AddressRefused`, with Node's error, or with an `AbortError` after `timeoutMs`.
 *
 * @param to as `routeOfHost` gives it
 * @param options `lookup` takes the place of the DNS and the system's own resolver
 */
export async function guardedConnect(
  to: { readonly host: string; readonly port: number; readonly named: boolean },
  options: { readonly timeoutMs: number; readonly signal: AbortSignal; readonly lookup?: Lookup },
): Promise<Socket> {
  options.signal.throwIfAborted();
  const { host, port, named } = to;
  const refused = named ? null : (literalRefusal(host) ?? localRefusal(host));
  if (refused !== null) throw refused;
  const socket = connect({
    host: host.replace(/^\[|\]$/g, ''),
    port,
    lookup: named ? openLookup(options.lookup ?? lookupAll) : guardedLookup(options.lookup ?? publicLookup),
    allowHalfOpen: true,
    noDelay: true,
    autoSelectFamilyAttemptTimeout: oneAddressMs,
  });
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]) });
    return socket;
  } catch (cause) {
    socket.destroy();
    throw cause;
  }
}

/** The DNS does not know them, and would only say that they are missing. */
function localRefusal(host: string): AddressRefused | null {
  return localName.test(host) ? new AddressRefused(`'${host}' may not be reached: it stands for this machine itself.`) : null;
}
