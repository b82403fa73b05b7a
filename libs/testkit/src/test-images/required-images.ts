import { ExosphereError } from '@exosphere/model';
import { findImage } from './image-calls.ts';

/** The images that container tests build upon. `npm run images` makes those that are missing. */
export const baseImages = ['busybox:stable', 'node:24-bookworm-slim', 'python:3.11-slim-bookworm'] as const;

/** The name of a base image. */
export type BaseImage = (typeof baseImages)[number];

/** Those of the images that the engine does not have. */
export async function missingImages(names: readonly string[] = baseImages): Promise<readonly string[]> {
  const found = await Promise.all(names.map(findImage));
  return names.filter((_, index) => found[index] === null);
}

/** Makes sure that a container test has its images, or fails with how to get them. For the start of a test file. */
export async function requireImages(names: readonly BaseImage[]): Promise<void> {
  const missing = await missingImages(names);
  if (missing.length === 0) return;
  throw new ExosphereError('test-images', `The container engine lacks ${missing.join(', ')}: ${howToGetImages(missing)}.`);
}

/** What to do about missing images. */
export function howToGetImages(missing: readonly string[]): string {
  return `make what is missing with \`npm run images\`, or pull it (${missing.map((name) => `docker pull ${name}`).join('; ')})`;
}
