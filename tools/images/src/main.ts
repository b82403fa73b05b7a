import { engineAddress, engineAnswers } from '@exosphere/testkit';
import { busybox } from './busybox.ts';
import { makeImage } from './make-image.ts';
import { node } from './node.ts';
import { python } from './python.ts';
import type { StandIn } from './stand-in.ts';

async function report(standIn: StandIn): Promise<void> {
  const start = performance.now();
  try {
    const made = await makeImage(standIn);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(made.kind === 'was-there' ? `${standIn.name} is there` : `${standIn.name} made in ${seconds} s (${megabytes(made.size)})`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    console.error(`${standIn.name} could not be made: ${why}. Or pull it: docker pull ${standIn.name}`);
    process.exitCode = 1;
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

process.umask(0o022); // users other than root must be able to read an image
if (await engineAnswers()) {
  for (const standIn of [busybox, node, python]) await report(standIn);
} else {
  const { socketPath, hostname, port } = engineAddress(process.env['DOCKER_HOST']);
  const place = socketPath ?? `${String(hostname)}:${String(port)}`;
  console.error(`No container engine answers at ${place}: install one (apt-get install docker.io) and start it, or set DOCKER_HOST.`);
  process.exitCode = 1;
}
