import { engineAnswers, howToGetImages, missingImages } from '@exosphere/testkit';

/** Where the container engine of this machine listens. */
export function engineOfMachine(): string {
  return process.env['DOCKER_HOST'] || 'unix:///var/run/docker.sock';
}

/** Why nothing can be measured in containers here; null: it can. */
export async function whyNoContainers(): Promise<string | null> {
  if (!(await engineAnswers())) return `no container engine answers at ${engineOfMachine()}`;
  const missing = await missingImages();
  return missing.length === 0 ? null : `the engine lacks ${missing.join(', ')}: ${howToGetImages(missing)}`;
}
