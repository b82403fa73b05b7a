import ivm from 'isolated-vm';
import { compute } from './compute.ts';
import type { WarmIsolate } from './warm-isolates.ts';

/**
 * A context with the guest's side running in it. Only primitives, JSON texts and ArrayBuffers pass: the guest has two plain functions
 * of ours (`send`, `compute`), we have one of its (`receive`). No Reference ever reaches the guest.
 */
export interface GuestLink {
  /** Settles when the guest has handled it and its microtasks have run; rejects where the isolate is gone. */
  receive(kind: string, id: number, text: string | null, bytes: ArrayBuffer | null): Promise<void>;
  release(): void;
}

/** What guests send. The types are what the guest's side writes; a hostile guest may write anything. */
export type GuestSend = (kind: unknown, id: unknown, text: unknown, body: unknown) => void;

function hostCompute(name: unknown, text: unknown, bytes: unknown): string | ArrayBuffer {
  if (typeof name !== 'string' || typeof text !== 'string') return '!Wrong arguments';
  return compute(name, text, bytes instanceof ArrayBuffer ? bytes : undefined);
}

/** Opens a fresh context, installs the web platform in it, and evaluates the satellite. */
export async function openGuest(warm: WarmIsolate, options: object, send: GuestSend): Promise<GuestLink> {
  const context = await warm.isolate.createContext();
  const references: ivm.Reference[] = [];
  const keep = <T extends ivm.Reference>(reference: T): T => {
    references.push(reference);
    return reference;
  };
  const start = keep(await warm.guest.run(context, { reference: true }));
  const satellite = keep(await warm.bundle.run(context, { reference: true }));
  const receive = keep(
    await start.apply(
      undefined,
      [
        new ivm.Callback(send, { ignored: true }),
        new ivm.Callback(hostCompute, { sync: true }),
        satellite.derefInto(),
        JSON.stringify(options),
      ],
      { result: { reference: true } },
    ),
  );
  return {
    async receive(kind, id, text, bytes) {
      const copied =
        bytes === null ? null : new ivm.ExternalCopy(bytes, { transferOut: true }).copyInto({ release: true, transferIn: true });
      await receive.apply(undefined, [kind, id, text, copied], { result: { copy: true } });
    },
    release() {
      if (warm.isolate.isDisposed) return;
      for (const reference of references) reference.release();
      context.release();
    },
  };
}
