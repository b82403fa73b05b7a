import type { Environment } from '@exosphere/cluster';
import type { LockedImages } from '@exosphere/model';
import type { StoredSatellite } from '@exosphere/satellite-package';

/** Says what the image names in a manifest stand for; undefined: it names none, or each by its digest. */
export type PinImages = (satellite: StoredSatellite) => Promise<LockedImages | undefined>;

/** What an image name stands for, for ever: `name@sha256:…`, or an engine's own id. Null: it is to stay a name. */
export type PinImage = (image: string) => Promise<string | null>;

/** Nobody asks an engine or a registry: to check a file, names are enough. */
export const withoutPins: PinImages = async () => undefined;

/**
 * Asks the registries, through the container engine.
 *
 * @param pin gives an image name its digest, or null where it is to stay a name; fails with ExosphereError
 * @param environment a `server` that it names stands in for the satellite's own, and a satellite for another one: their images are not
 *   needed then
 */
export function pinningWith(pin: PinImage, environment: Environment | null): PinImages {
  const { endpoints = {}, satellites = {} } = environment ?? {};
  const substituted = new Set(Object.keys(satellites).map((name) => name.replace(/^(satellite\/)?/, 'satellite/')));
  const known = new Map<string, Promise<string | null>>();
  const pinned = async (image: string | null | undefined): Promise<string | undefined> => {
    if (image === null || image === undefined || image.includes('@sha256:')) return undefined;
    const going = known.get(image) ?? pin(image);
    known.set(image, going);
    return (await going) ?? undefined;
  };
  return async ({ reference, manifest: { runtime } }) => {
    if (runtime.kind !== 'docker' || substituted.has(reference)) return undefined;
    const satellite = await pinned(runtime.build === null ? runtime.image : null);
    const server = await pinned(endpoints['server'] === undefined ? runtime.server?.image : null);
    if (satellite === undefined && server === undefined) return undefined;
    return { ...(satellite === undefined ? {} : { satellite }), ...(server === undefined ? {} : { server }) };
  };
}
