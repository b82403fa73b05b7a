import type { Trigger } from '@exosphere/model';
import { asId } from '@exosphere/model';
import type { Report } from '../read/report.ts';
import type { Found } from '../read/shape.ts';
import type { TriggerSource } from '../read/trigger-shape.ts';
import { checkCondition } from './check-condition.ts';
import { cronFault, isTimeZone } from './cron.ts';
import { clusterIdentifier } from './reference.ts';
import type { Viewer } from './viewer.ts';
import { secretName } from './secret-name.ts';

type TriggerMap = Exclude<TriggerSource, string>;

/** Checks what starts a run. `viewer` sees what a webhook's filter may name. */
export function checkTriggers(trigger: Found<TriggerSource> | undefined, viewer: Viewer): readonly Trigger[] {
  if (trigger === undefined) return [];
  const { value } = trigger;
  if (value === 'api-call') return [{ kind: 'api-call' }];
  if (value === 'webhook') return [webhookOf({ ...trigger, value: undefined }, viewer)];
  if (value === 'git-push') return [gitPushOf(undefined, viewer.file.report)];
  const triggers = [
    ...(value['api-call'] === undefined ? [] : [{ kind: 'api-call' } as const]),
    ...(value.cron === undefined ? [] : [cronOf(value.cron, viewer.file.report)]),
    ...(value.webhook === undefined ? [] : [webhookOf(value.webhook, viewer)]),
    ...(value['git-push'] === undefined ? [] : [gitPushOf(value['git-push'].value, viewer.file.report)]),
    ...(value.cluster === undefined ? [] : [clusterOf(value.cluster, viewer.file.report)]),
  ];
  if (trigger.node.kind === 'map' && trigger.node.entries.length === 0) {
    viewer.file.report.error('no-trigger', trigger, 'The cluster has no trigger. Write `api-call: {}` where it is started by hand.');
  }
  return triggers;
}

type Part<Name extends keyof TriggerMap> = NonNullable<TriggerMap[Name]>;

function cronOf(cron: Part<'cron'>, report: Report): Trigger {
  const expression = typeof cron.value === 'string' ? { ...cron, value: cron.value } : cron.value.expression;
  const { timezone, missed, overlap } = typeof cron.value === 'string' ? {} : cron.value;
  const fault = expression === undefined ? null : cronFault(expression.value);
  if (expression !== undefined && fault !== null) {
    report.error('bad-cron', expression, `'${expression.value}' is no cron expression: ${fault}.`, { found: expression.value });
  }
  if (timezone !== undefined && !isTimeZone(timezone.value)) {
    const message = `There is no time zone '${timezone.value}'. Write a name of the IANA database, such as Europe/Berlin.`;
    report.error('unknown-timezone', timezone, message, { found: timezone.value });
  }
  return {
    kind: 'cron',
    expression: expression?.value.trim().split(/\s+/).join(' ') ?? '',
    timezone: timezone?.value ?? 'UTC',
    missed: missed?.value ?? 'latest',
    overlap: overlap?.value ?? 'allow',
  };
}

function webhookOf(
  webhook: { readonly start: number; readonly at: string; readonly value: Part<'webhook'>['value'] | undefined },
  viewer: Viewer,
): Trigger {
  const { id, scheme, secret, filter, tolerance } = webhook.value ?? {};
  if (filter !== undefined) checkCondition(filter, viewer);
  if (secret === undefined) {
    const message = 'The webhook has no secret, so whoever knows its address can start runs. Name one: secret: NAME.';
    viewer.file.report.warning('webhook-without-secret', webhook, message);
  }
  return {
    kind: 'webhook',
    id: id?.value ?? 'default',
    scheme: scheme?.value ?? 'standard-webhooks',
    secret: secret === undefined ? null : secretName(secret, viewer),
    filter: filter?.value ?? null,
    toleranceMs: tolerance?.value.ms ?? 5 * 60_000,
  };
}

function gitPushOf(push: Part<'git-push'>['value'] | undefined, report: Report): Trigger {
  for (const key of ['branches', 'paths'] as const) {
    const ignored = push?.[`${key}-ignore`];
    if (push?.[key] === undefined || ignored === undefined) continue;
    const message = `'${key}' and '${key}-ignore' exclude one another. Write a pattern that begins with '!' under '${key}'.`;
    report.error('conflicting-keys', ignored, message, { found: `${key}-ignore` });
  }
  const texts = (key: 'branches' | 'branches-ignore' | 'paths' | 'paths-ignore'): readonly string[] | null =>
    push?.[key]?.value.map(({ value }) => value) ?? null;
  return {
    kind: 'git-push',
    branches: texts('branches'),
    branchesIgnore: texts('branches-ignore'),
    paths: texts('paths'),
    pathsIgnore: texts('paths-ignore'),
  };
}

function clusterOf({ value: { identifier, status } }: Part<'cluster'>, report: Report): Trigger {
  const name = identifier === undefined ? undefined : clusterIdentifier.exec(identifier.value)?.[1];
  if (identifier !== undefined && name === undefined) {
    report.error('bad-uses', identifier, `'${identifier.value}' names no cluster. Write project/name.`, { found: identifier.value });
  }
  return { kind: 'cluster', identifier: asId(name ?? ''), status: status?.value.map(({ value }) => value) ?? ['completed', 'partial'] };
}
