import { byKind, mapping, oneOrMany, optional, required } from './collection-shapes.ts';
import { choice, duration, text } from './scalar-shapes.ts';
import type { Read } from './shape.ts';
import { orEmpty } from './special-shapes.ts';

const cron = byKind(text(), {
  kind: 'map',
  shape: mapping({
    expression: required(text(), 'Five fields: minute, hour, day of month, month, day of week.'),
    timezone: optional(text(), 'An IANA zone such as Europe/Berlin. Default: UTC.'),
    missed: optional(choice(['skip', 'latest', 'all']), 'What becomes of times that passed while nothing ran. Default: latest.'),
    overlap: optional(
      choice(['allow', 'skip', 'queue', 'cancel-running']),
      'What a time does while a run of the schedule is going. Default: allow.',
    ),
  }),
});

const webhook = mapping({
  id: optional(
    text({ pattern: /^[A-Za-z0-9][A-Za-z0-9_-]*$/, form: "a name of letters, digits, '_' and '-'" }),
    'The last part of the address. Default: default.',
  ),
  scheme: optional(
    choice(['standard-webhooks', 'github', 'stripe', 'slack', 'token']),
    'How a delivery is signed. Default: standard-webhooks.',
  ),
  secret: optional(text(), 'The secret that a delivery is checked with: NAME or ${{ secrets.NAME }}.'),
  filter: optional(text(), 'An expression over `trigger.payload`; deliveries for which it is false start nothing.'),
  tolerance: optional(duration('1s', '1d'), 'How old a signed time may be. Default: 5m.'),
});

const globs = oneOrMany(text());

const gitPush = mapping({
  branches: optional(globs, 'Branches whose pushes start a run.'),
  'branches-ignore': optional(globs, 'Branches whose pushes start none.'),
  paths: optional(globs, 'Files of which one must have changed.'),
  'paths-ignore': optional(globs, 'Files that alone start no run.'),
});

const otherCluster = mapping({
  identifier: required(text(), 'project/name of the cluster whose runs start one of this.'),
  status: optional(
    oneOrMany(choice(['completed', 'partial', 'failed', 'cancelled'])),
    'Statuses that count. Default: completed and partial.',
  ),
});

/** `trigger`: one name, or a mapping of several. */
export const triggerShape = byKind(choice(['api-call', 'webhook', 'git-push']), {
  kind: 'map',
  shape: mapping({
    'api-call': optional(orEmpty(mapping({})), 'Starts by the API or the command line.'),
    cron: optional(cron, 'Starts at times: "0 0 * * *", or {expression, timezone, missed, overlap}.'),
    webhook: optional(orEmpty(webhook), 'Starts when another service calls.'),
    'git-push': optional(orEmpty(gitPush), 'Starts when commits are pushed.'),
    cluster: optional(otherCluster, 'Starts when a run of another cluster has ended.'),
  }),
});

/** What `trigger` reads. */
export type TriggerSource = Read<typeof triggerShape>;
