import type { ReceivedIncident } from './parties/pager-duty-party.ts';
import { startPagerDutyParty } from './parties/pager-duty-party.ts';
import type { DemoEnvironment } from './demo-environment.ts';
import { demoEnvironment } from './demo-environment.ts';
import { startBuckets } from './parties/buckets-party.ts';
import { demoSecrets, failureBucket, reportsBucket } from './parties/demo-credentials.ts';
import { startModelStandIn } from './parties/model-stand-in.ts';
import type { ReceivedLog } from './parties/new-relic-party.ts';
import { startNewRelicParty } from './parties/new-relic-party.ts';
import type { ReceivedReport } from './parties/webhook-party.ts';
import { startWebhookParty } from './parties/webhook-party.ts';
import type { ReportFile } from './reports/report-files.ts';
import { reportFiles } from './reports/report-files.ts';

/** A party of the demo, by name. */
export type PartyName = 's3' | 'webhook' | 'newRelic' | 'pagerDuty' | 'model';

export interface DemoPartiesOptions {
  /** Where they listen on loopback; a party that is left out takes a free port. */
  readonly ports?: Partial<Readonly<Record<PartyName, number>>>;
  /** What lies in the bucket. Default: all 25 reports. */
  readonly files?: readonly ReportFile[];
  /** How often the stand-in for the model first answers nonsense to a prompt. Default 0. */
  readonly badAnswers?: number;
}

/** What the parties have got so far. */
export interface ReceivedByParties {
  readonly reports: readonly ReceivedReport[];
  readonly repeatedReports: number;
  readonly logs: readonly ReceivedLog[];
  readonly incidents: readonly ReceivedIncident[];
  readonly completions: number;
  /** The keys that are in each bucket now. */
  readonly buckets: Readonly<Record<string, readonly string[]>>;
}

/** The outside world of the example, on loopback. */
export interface DemoParties {
  readonly urls: Readonly<Record<PartyName, string>>;
  /** What an environment file must say to meet them. */
  readonly environment: DemoEnvironment;
  received(): Promise<ReceivedByParties>;
  stop(): Promise<void>;
}

/** Starts S3 with the reports, the webhook, New Relic, PagerDuty and the stand-in for the model. */
export async function startDemoParties({ ports = {}, files, badAnswers = 0 }: DemoPartiesOptions = {}): Promise<DemoParties> {
  const port = (name: PartyName): number => ports[name] ?? 0;
  const started: { stop(): Promise<void> }[] = [];
  const start = async <T extends { stop(): Promise<void> }>(party: Promise<T>): Promise<T> => {
    const running = await party;
    started.push(running);
    return running;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((party) => party.stop()));
  };
  try {
    const s3 = await start(startBuckets(files ?? (await reportFiles()), port('s3')));
    const webhook = await start(startWebhookParty({ token: demoSecrets.API_BEARER_TOKEN, port: port('webhook') }));
    const newRelic = await start(startNewRelicParty({ apiKey: demoSecrets.NEW_RELIC_API_KEY, port: port('newRelic') }));
    const pagerDuty = await start(
      startPagerDutyParty({ apiKey: demoSecrets.PAGERDUTY_API_KEY, serviceId: demoSecrets.PAGERDUTY_SERVICE_ID, port: port('pagerDuty') }),
    );
    const model = await start(startModelStandIn({ port: port('model'), badAnswers }));
    const urls = { s3: s3.url, webhook: webhook.url, newRelic: newRelic.url, pagerDuty: pagerDuty.url, model: model.url };
    const received = async (): Promise<ReceivedByParties> => ({
      reports: webhook.reports(),
      repeatedReports: webhook.repeated(),
      logs: newRelic.logs(),
      incidents: pagerDuty.incidents(),
      completions: model.requests(),
      buckets: { [reportsBucket]: await s3.keys(reportsBucket), [failureBucket]: await s3.keys(failureBucket) },
    });
    return { urls, environment: demoEnvironment(urls), received, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
