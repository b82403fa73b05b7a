/** Something that tests lack, and how to get it. */
export interface Missing {
  readonly why: string;
  readonly get: string;
}

/** What container tests lack on this machine, or null where they can run. */
export async function missingForContainers(): Promise<Missing | null> {
  const { engineAnswers, howToGetImages, missingImages } = await import('@exosphere/testkit'); // late: it takes longer than some checks
  if (!(await engineAnswers())) {
    return { why: 'no container engine answers', get: 'install Docker or Podman and start it, or set DOCKER_HOST to one that answers' };
  }
  const missing = await missingImages();
  return missing.length === 0 ? null : { why: `the engine lacks ${missing.join(', ')}`, get: howToGetImages(missing) };
}
