import { ExosphereError } from '@exosphere/model';
import type { Egress } from '../egress/egress-proxy.ts';
import type { Engine } from '../engine/engine.ts';
import { isMissing } from '../engine/engine-failure.ts';
import { beingMade } from './companion.ts';
import type { NetworkOptions } from './companion-egress.ts';
import { egressLabel, openCompanionNetwork } from './companion-egress.ts';
import type { Served } from './server-spec.ts';
import type { CompanionWanted } from './wanted-server.ts';
import { specLabel } from './wanted-server.ts';

/** A companion as the engine has it. */
interface Standing {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'created' | 'running' | 'ended';
}

/** A companion that is to be used, and this process's part of its network. */
export interface Prepared {
  readonly served: Served;
  /** Null: it leads nowhere, or the worker that started the companion has it open. */
  readonly egress: Egress | null;
  /** Its id; null: it is to be made. */
  readonly standing: string | null;
  /** Another worker has its egress open, if it has one. */
  readonly isShared: boolean;
}

/**
 * Decides between the companion that there is and a new one. One that another living worker uses is shared as it is: its way out belongs
 * to that worker. Any other is adopted if it is the same and its egress can be opened where it was told that it is; else it is removed.
 *
 * @throws ExosphereError `runtime-unavailable`, retryable, where another worker uses one that is not the same; as `Engine` does
 */
export async function prepareServer(
  engine: Engine,
  served: Served,
  { rules, note, isHeldElsewhere }: Pick<CompanionWanted, 'rules' | 'note'> & { readonly isHeldElsewhere: () => Promise<boolean> },
): Promise<Prepared> {
  const found = await standingServer(engine, served.name);
  const isSame = found?.labels[specLabel] === served.labels[specLabel];
  const isHeld = found !== null && found.state !== 'ended' && (await isHeldElsewhere());
  if (isHeld) {
    if (found.state === 'created') throw beingMade(served.reference);
    if (isSame) return { served, egress: null, standing: found.id, isShared: true };
    throw new ExosphereError(
      'runtime-unavailable',
      `waits for the server of ${served.reference}: another process of this host uses one with another image, other cards or other hosts`,
      { retryable: true },
    );
  }
  const options: NetworkOptions = { rules, labels: served.labels, onRefused: (message) => note(message, { container: served.name }) };
  if (found?.state === 'running' && isSame) {
    const port = Number(found.labels[egressLabel] ?? 0);
    const network = await openCompanionNetwork(engine, served, { ...options, port }).catch(() => null); // then it is started anew
    if (network !== null) return { served, egress: network.egress, standing: found.id, isShared: false };
  }
  if (found !== null) await engine.remove(found.id);
  const { egress, environment, labels } = await openCompanionNetwork(engine, served, { ...options, port: null });
  return { served: { ...served, environment, labels: { ...served.labels, ...labels } }, egress, standing: null, isShared: false };
}

async function standingServer(engine: Engine, name: string): Promise<Standing | null> {
  try {
    const { Id, State, Config } = await engine.inspect(name);
    return { id: Id, labels: Config.Labels, state: State.Running ? 'running' : State.Status === 'created' ? 'created' : 'ended' };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Whether a companion still runs; one that is gone does not. */
export async function isRunning(engine: Engine, id: string): Promise<boolean> {
  try {
    return (await engine.state(id)).isRunning;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
