import type { NetworkRules } from '@exosphere/egress';
import { ExosphereError } from '@exosphere/model';
import type { Egress } from '../egress/egress-proxy.ts';
import { openEgress } from '../egress/egress-proxy.ts';
import type { Engine } from '../engine/engine.ts';
import { isConflict, isMissing } from '../engine/engine-failure.ts';
import type { Served } from './server-spec.ts';

/** The label that says at which port of its network's gateway a companion finds its egress. */
export const egressLabel = 'exosphere.egress-port';

/** The network of a companion, and its way out of it. */
export interface CompanionNetwork {
  /** Null: the manifest allows no host. */
  readonly egress: Egress | null;
  /** What tells the companion of it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface NetworkOptions {
  readonly rules: NetworkRules;
  readonly labels: Readonly<Record<string, string>>;
  readonly onRefused: (message: string) => void;
}

/**
 * Makes the network of a companion and opens its egress: a model is fetched by it. The network is internal: nothing leads out, and
 * nothing in but from this host.
 *
 * @param port of the egress that a running companion was told of; null: any
 * @throws ExosphereError `runtime-unavailable` where that port is taken
 */
export async function openCompanionNetwork(
  engine: Engine,
  { network, reference }: Pick<Served, 'network' | 'reference'>,
  { rules, port, labels, onRefused }: NetworkOptions & { readonly port: number | null },
): Promise<CompanionNetwork> {
  await requireNetwork(engine, network, labels);
  if (rules.allow.length === 0) return { egress: null, environment: {}, labels: {} };
  const { IPAM } = await engine.inspectNetwork(network);
  const host = IPAM?.Config?.[0]?.Gateway;
  if (host === undefined)
    throw new ExosphereError('runtime-unavailable', `The network of the server of ${reference} has no gateway.`, { retryable: true });
  const egress = await openEgress({ listen: { host, port: port ?? 0 }, rules, server: null, onRefused });
  return { egress, environment: proxyVariables(`http://${host}:${egress.port}`), labels: { [egressLabel]: String(egress.port) } };
}

async function requireNetwork(engine: Engine, name: string, labels: Readonly<Record<string, string>>): Promise<void> {
  try {
    await engine.inspectNetwork(name);
  } catch (error) {
    if (!isMissing(error)) throw error;
    try {
      await engine.createNetwork({ Name: name, Internal: true, CheckDuplicate: true, Labels: { ...labels } });
    } catch (refusal) {
      if (!isConflict(refusal)) throw refusal; // another worker was faster
    }
  }
}

/** Programs look for either spelling. */
function proxyVariables(url: string): Readonly<Record<string, string>> {
  const variables = { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: 'localhost,127.0.0.1' };
  return { ...variables, ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [name.toLowerCase(), value])) };
}
