import { createHash } from 'node:crypto';
import type { NetworkRules } from '@exosphere/egress';
import type { ServerNeeds } from '@exosphere/satellite-protocol';
import { deviceRequests } from '../gpu/device-requests.ts';
import { gpusLabel } from '../gpu/gpu-desk.ts';
import type { Image, Note } from '../images/image-store.ts';
import type { Owner } from '../sweep/owner.ts';
import { ownerLabel } from '../sweep/sweep.ts';
import type { Served } from './server-spec.ts';

/** Which companion is wanted. */
export interface CompanionWanted {
  readonly project: string;
  readonly reference: string;
  /** Of the satellite. */
  readonly digest: string;
  readonly needs: ServerNeeds;
  /** The image, pinned. */
  readonly image: string;
  /** Where it may connect to. */
  readonly rules: NetworkRules;
  readonly note: Note;
}

/** What a companion is made of, before it has a network. */
interface Made {
  readonly image: Image;
  /** Null: it asks for none. */
  readonly cards: readonly string[] | null;
  readonly owner: Owner;
}

/** The label by which it is told whether a companion that runs is the one that is wanted. */
export const specLabel = 'exosphere.spec';

const defaultLimits = { cpu: 2, memoryBytes: 8 * 2 ** 30, processes: 4_096 };

/** A companion as a container, but for the way out of its network. */
export function servedOf(wanted: CompanionWanted, made: Made): Served {
  const { needs, reference, rules } = wanted;
  const { cpu, memoryBytes, gpu } = needs.resources;
  const name = nameOf(wanted);
  const served: Omit<Served, 'labels'> = {
    ...{ name, reference, image: made.image.id, command: needs.command, imageVolumes: made.image.volumes, network: name, environment: {} },
    volumes: Object.fromEntries(needs.volumes.map((path) => [path, volumeOf(wanted, path)])),
    limits: { cpu: cpu ?? defaultLimits.cpu, memoryBytes: memoryBytes ?? defaultLimits.memoryBytes, processes: defaultLimits.processes },
    devices: gpu === null ? [] : deviceRequests(gpu, made.cards),
  };
  return { ...served, labels: labelsOf(wanted, made, hashOf(JSON.stringify([served, rules.allow]))) };
}

function labelsOf({ reference, digest, project }: CompanionWanted, { cards, owner }: Made, spec: string): Served['labels'] {
  return {
    [ownerLabel]: owner.id,
    'exosphere.kind': 'server',
    'exosphere.satellite': reference,
    'exosphere.digest': digest,
    'exosphere.project': project,
    [specLabel]: spec,
    ...(cards === null ? {} : { [gpusLabel]: cards.join(',') }),
  };
}

/** One on this host for each digest and project. */
export function nameOf({ digest, project }: CompanionWanted): string {
  return `exo-server-${hashOf(`${project}\n${digest}`).slice(0, 24)}`;
}

/** What a server keeps, a model most often, is the same for all versions of the satellite that have the same image name. */
function volumeOf({ project, reference }: CompanionWanted, path: string): string {
  return `exo-keep-${hashOf(`${project}\n${reference}\n${path}`).slice(0, 24)}`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
