import { isDeepStrictEqual } from 'node:util';
import type { ReceivedByParties } from '../demo-parties.ts';
import type { ExpectedResult } from '../expected-result.ts';
import { demoSecrets, failureBucket, reportsBucket } from '../parties/demo-credentials.ts';
import type { RunSummary } from './run-example.ts';

/** One thing that must be true after the demo. */
export interface Comparison {
  readonly what: string;
  readonly found: string;
  readonly expected: string;
  readonly isAsExpected: boolean;
}

interface Outcome {
  readonly summary: RunSummary;
  readonly received: ReceivedByParties;
  readonly expected: ExpectedResult;
  /** With a real model the figures are its own. */
  readonly isStandIn: boolean;
}

/** Compares what the run says of itself, and what each party received, with what the reports lead to. */
export function compareOutcome(outcome: Outcome): readonly Comparison[] {
  const { summary, received, expected } = outcome;
  return [
    same('outcome', summary.status, expected.status),
    ...Object.entries(expected.steps).map(([step, counts]) => same(`step ${step}`, countsOf(summary, step), countsText(counts))),
    same('webhook calls', received.reports.length, expected.reports.length),
    same('webhook calls, repeated', received.repeatedReports, 0),
    ...(outcome.isStandIn ? [figures(outcome)] : []),
    same(`left in ${reportsBucket}`, listText(received.buckets[reportsBucket]), listText(expected.buckets[reportsBucket])),
    sameKeys(`files in ${failureBucket}`, received.buckets[failureBucket] ?? [], expected.buckets[failureBucket] ?? []),
    same('PagerDuty incidents', received.incidents.length, expected.incidents),
    ...received.incidents.map(incidentText),
    logs(received),
    same('log delivery', summary.logs, 'delivered'),
    noSecrets(received),
  ];
}

function same(what: string, found: string | number, expected: string | number): Comparison {
  return { what, found: String(found), expected: String(expected), isAsExpected: found === expected };
}

function countsOf({ steps }: RunSummary, name: string): string {
  const step = steps.find((one) => one.step === name);
  const { completed = 0, failed = 0, skipped = 0, cancelled = 0 } = step ?? {};
  return countsText({ completed, failed, skipped, cancelled });
}

function countsText(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  return parts.map(([kind, count]) => `${count} ${kind}`).join(', ');
}

function figures({ received, expected }: Outcome): Comparison {
  const sorted = received.reports.map(({ body }) => body as ExpectedResult['reports'][number]); // compared with such, whatever it is
  sorted.sort((a, b) => (a['file-path'] < b['file-path'] ? -1 : 1));
  const equal = sorted.filter((report, index) => isDeepStrictEqual(report, expected.reports[index])).length;
  return same('webhook bodies as in the PDFs', equal, expected.reports.length);
}

function listText(keys: readonly string[] | undefined): string {
  return keys === undefined || keys.length === 0 ? 'nothing' : keys.join(', ');
}

function sameKeys(what: string, found: readonly string[], expected: readonly string[]): Comparison {
  const differing = [...found.filter((key) => !expected.includes(key)), ...expected.filter((key) => !found.includes(key))];
  const text = differing.length === 0 ? `${found.length}` : `${found.length}, differing: ${differing.join(', ')}`;
  return { what, found: text, expected: `${expected.length}`, isAsExpected: differing.length === 0 };
}

const wanted =
  /^Cluster aikin\/structured-pdfs failed at \d{4}-\d{2}-\d{2}T[\d:.]+Z for file (sec\/\S+\.pdf) with error ([^{].+), file has been moved to failure bucket with path (s3:\/\/\S+)\s*$/s;

function incidentText({ title, details }: ReceivedByParties['incidents'][number]): Comparison {
  const [, file = '', error = '', moved = ''] = wanted.exec(details) ?? [];
  const name = file.split('/').at(-1) ?? '';
  const isWhole = file !== '' && error !== '' && moved === `s3://${failureBucket}/failed/quarterly-financial-reports/${name}`;
  const expected = `Cluster aikin/structured-pdfs failed at … for file … with error …, file has been moved to failure bucket with path s3://${failureBucket}/failed/quarterly-financial-reports/…`;
  return { what: 'its text', found: details.trim() || title, expected, isAsExpected: isWhole };
}

function logs({ logs: records }: ReceivedByParties): Comparison {
  const failures = records.filter(({ message }) => message.includes('no PDF that can be read')).length;
  return {
    what: 'log records at New Relic',
    found: `${records.length}, ${failures} of the corrupt file`,
    expected: 'some, at least 1 of the corrupt file',
    isAsExpected: failures > 0,
  };
}

/** Names that a log record carries so that New Relic knows whose it is; they are its own. */
const namesForNewRelic: readonly string[] = ['NEW_RELIC_ACCOUNT_ID', 'NEW_RELIC_APPLICATION_ID'];

/** The parties check the credentials that they are sent; in what they are told no secret may stand. */
function noSecrets({ reports, incidents, logs: records }: ReceivedByParties): Comparison {
  const told = JSON.stringify([reports, incidents]);
  const logged = JSON.stringify(records);
  const found = Object.entries(demoSecrets).flatMap(([name, value]) => {
    const isLogged = logged.includes(value) && !namesForNewRelic.includes(name);
    return isLogged || told.includes(value) ? [name] : [];
  });
  return same('secret values in any of it', listText(found), 'nothing');
}
