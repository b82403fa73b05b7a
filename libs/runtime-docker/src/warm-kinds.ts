import { createHash, createHmac, randomBytes } from 'node:crypto';
import { ExosphereError } from '@exosphere/model';
import type { DockerNeeds } from '@exosphere/satellite-protocol';
import { canonicalJson } from '@exosphere/satellite-protocol';
import { containerSeal } from './container-seal.ts';
import { WarmContainer } from './container/warm-container.ts';
import { gpuRefusal } from './gpu/gpu-refusal.ts';
import type { Lodging, Ready, Workshop } from './open-stored.ts';
import type { ContainerKind, Lodged } from './pool/container-pool.ts';

type Secrets = Readonly<Record<string, string>>;

/** What the warm containers of one satellite are made of. */
export interface WarmParts {
  readonly ready: Ready;
  readonly needs: DockerNeeds;
  readonly lodging: Lodging;
  /** Of them at a time. */
  readonly most: number;
}

/** A satellite that takes so long to get ready is spoken of. */
const slowMs = 5_000;
/** Secrets are told apart by it, and by nobody who does not have it. */
const key = randomBytes(32);
/** Two containers of this process never have the same name. */
let made = 0;

/**
 * Says which container a request goes to, by the secrets that it brings: a container sees one set of them. What it prints is masked with
 * the secrets of the request that it is charged to, so it must never have seen those of another step.
 */
export function warmKinds(parts: WarmParts, workshop: Workshop): (secrets: Secrets) => ContainerKind {
  const kinds = new Map<string, ContainerKind>();
  return (secrets) => {
    const seal = Object.keys(secrets).length === 0 ? '' : createHmac('sha256', key).update(canonicalJson(secrets)).digest('hex');
    const kind = kinds.get(seal) ?? warmKind(parts, seal, workshop);
    kinds.set(seal, kind);
    return kind;
  };
}

function warmKind({ ready, needs, lodging, most }: WarmParts, secrets: string, workshop: Workshop): ContainerKind {
  const { opening, image, companion, cards } = ready;
  const { satellite, openOptions, endpoints } = opening;
  const id = hashOf({
    ...{ digest: satellite.digest, image: image.id, project: openOptions.project, endpoints, cards, secrets },
    server: companion?.address.host ?? null,
  });
  return {
    id,
    owner: `${openOptions.project}\n${satellite.digest}`,
    concurrency: needs.concurrency,
    most,
    isExclusive: cards !== null,
    start: (signal) => startLodged(id, { ready, lodging, signal }, workshop),
  };
}

async function startLodged(
  id: string,
  { ready, lodging, signal }: { readonly ready: Ready; readonly lodging: Lodging; readonly signal: AbortSignal },
  { engine, owner, onStep }: Workshop,
): Promise<Lodged> {
  const { satellite, openOptions } = ready.opening;
  made += 1;
  const name = `exo-warm-${id.slice(0, 16)}-${process.pid}-${made}`;
  const home = await lodging.openHome(name);
  const slow = setTimeout(() => openOptions.note?.(`waits for ${satellite.reference} to get ready`, { container: name }), slowMs);
  try {
    const sealed = containerSeal({ ...ready, owner, kind: 'worker' })({ name, home, environment: {}, labels: {}, timeoutMs: null });
    const container = await WarmContainer.start({ engine, sealed, surroundings: lodging.surroundings(home), onStep, signal });
    return { container, home };
  } catch (error) {
    await home.close();
    throw refusedForGpu(error, ready) ?? error;
  } finally {
    clearTimeout(slow);
  }
}

/** A card that the engine does not give is waited for; the item is not to blame. */
export function refusedForGpu(error: unknown, { cards }: Pick<Ready, 'cards'>): ExosphereError | null {
  const refusal = cards === null ? null : gpuRefusal(error);
  return refusal === null ? null : new ExosphereError('runtime-unavailable', refusal, { cause: error, retryable: true });
}

function hashOf(same: Parameters<typeof canonicalJson>[0]): string {
  return createHash('sha256').update(canonicalJson(same)).digest('hex');
}
