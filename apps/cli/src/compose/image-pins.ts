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
 * @param endpoints of the environment: a `server` that it names stands in for the satellite's own, whose image is then not needed
 */
export function pinningWith(pin: PinImage, endpoints: Readonly<Record<string, string>>): PinImages {
  const known = new Map<string, Promise<string | null>>();
  const pinned = async (image: string | null | undefined): Promise<string | undefined> => {
    if (image === null || image === undefined || image.includes('@sha256:')) return undefined;
    const going = known.get(image) ?? pin(image);
    known.set(image, going);
    return (await going) ?? undefined;
  };
  return async ({ manifest: { runtime } }) => {
    if (runtime.kind !== 'docker') return undefined;
    const satellite = await pinned(runtime.build === null ? runtime.image : null);
    const server = await pinned(endpoints['server'] === undefined ? runtime.server?.image : null);
    if (satellite === undefined && server === undefined) return undefined;
    return { ...(satellite === undefined ? {} : { satellite }), ...(server === undefined ? {} : { server }) };
  };
}
