import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoParties } from './demo-parties.ts';
import { startDemoParties } from './demo-parties.ts';
import { expectedResult } from './expected-result.ts';
import type { IsolateBench } from './in-isolate.ts';
import { openIsolateBench } from './in-isolate.ts';
import { demoSecrets, failureBucket, reportsBucket } from './parties/demo-credentials.ts';
import { reportFiles } from './reports/report-files.ts';

const secrets = { AWS_ACCESS_KEY: demoSecrets.AWS_ACCESS_KEY, AWS_SECRET_KEY: demoSecrets.AWS_SECRET_KEY };
let parties: DemoParties;
let bench: IsolateBench;

beforeAll(async () => {
  parties = await startDemoParties({ badAnswers: 1 });
  bench = await openIsolateBench(parties.environment.endpoints);
});
afterAll(async () => {
  await bench.stop();
  await parties.stop();
});

describe('in an isolate', () => {
  it('get-files-from-s3 streams the reports and parse-pdf reads them', async () => {
    const files = await reportFiles();
    const config = { bucket: reportsBucket, prefix: 'sec', recursive: true, extension: 'pdf' };
    const listed = await bench.call('get-files-from-s3', { config, secrets });
    expect(listed.error).toBeNull();
    expect(listed.objects.map((object) => object['file-path'])).toEqual(files.map(({ key }) => key).sort());
    for (const item of listed.objects) {
      const { report, isCorrupt } = files.find(({ key }) => key === item['file-path'])!;
      const { objects, error } = await bench.call('parse-pdf', {
        config: { language: 'en', 'output-format': 'markdown-string' },
        input: item,
      });
      if (isCorrupt) expect(error).toMatchObject({ code: 'pdf-invalid', retryable: false });
      else expect(objects[0]).toMatchObject({ pages: report.pages, markdown: expect.stringContaining(`Company: ${report.company}`) });
    }
  });

  it('move-file streams from one set of keys to the other, delete-file-from-s3 deletes', async () => {
    const [file] = (await reportFiles()).filter(({ isCorrupt }) => isCorrupt);
    const config = {
      'origin-bucket': reportsBucket,
      'origin-file-path': file!.key,
      'destination-bucket': failureBucket,
      'destination-file-path': 'moved.pdf',
    };
    const moved = await bench.call('move-file', {
      config,
      secrets: {
        ORIGIN_AWS_ACCESS_KEY: demoSecrets.AWS_ACCESS_KEY,
        ORIGIN_AWS_SECRET_KEY: demoSecrets.AWS_SECRET_KEY,
        DESTINATION_AWS_ACCESS_KEY: demoSecrets.FAILURE_S3_AWS_ACCESS_KEY,
        DESTINATION_AWS_SECRET_KEY: demoSecrets.FAILURE_S3_AWS_SECRET_KEY,
      },
    });
    expect(moved).toMatchObject({ error: null, objects: [{ 'file-uri': `s3://${failureBucket}/moved.pdf` }] });
    const deleted = await bench.call('delete-file-from-s3', { config: { bucket: failureBucket, 'file-path': 'moved.pdf' }, secrets });
    expect(deleted.error).toBeNull();
    const { buckets } = await parties.received();
    expect(buckets[reportsBucket]).not.toContain(file!.key);
    expect(buckets[failureBucket]).not.toContain('moved.pdf');
  });

  it('call-webhook, send-logs-to-new-relic and send-pagerduty-alert reach the parties under their own names', async () => {
    const headers = { Authorization: `Bearer ${demoSecrets.API_BEARER_TOKEN}` };
    const called = await bench.call('call-webhook', {
      config: { url: 'https://api.aikin.com/v1/financial-reports', method: 'POST', headers, body: { data: 1 } },
    });
    expect(called).toMatchObject({ error: null, objects: [{ status: 202, body: { accepted: true } }] });
    const records = [{ time: new Date(0).toISOString(), level: 'info', message: 'hello' }];
    const newRelic = { 'account-id': demoSecrets.NEW_RELIC_ACCOUNT_ID, 'api-key': demoSecrets.NEW_RELIC_API_KEY, 'application-id': 'app' };
    expect(await bench.call('send-logs-to-new-relic', { config: newRelic, input: { records } })).toMatchObject({ objects: [{ sent: 1 }] });
    const pagerDuty = { 'pagerduty-api-key': demoSecrets.PAGERDUTY_API_KEY, 'pagerduty-service-id': demoSecrets.PAGERDUTY_SERVICE_ID };
    const alerted = await bench.call('send-pagerduty-alert', { config: pagerDuty, input: { message: 'It failed.' } });
    expect(alerted).toMatchObject({ error: null, objects: [{ created: true, 'incident-id': 'QDEMO1' }] });
    const received = await parties.received();
    expect(received.reports).toMatchObject([{ idempotencyKey: 'run/call-webhook/0', body: { data: 1 } }]);
    expect(received.logs).toMatchObject([{ timestamp: 0, message: 'hello' }]);
    expect(received.incidents).toMatchObject([{ title: 'It failed.', details: 'It failed.' }]);
  });

  it('chat-completion gets the figures of a report from the stand-in for the model, and has a bad answer mended', async () => {
    const cluster = await readFile(join(import.meta.dirname, '../../../examples/structured-pdfs/cluster.yml'), 'utf8');
    const outputSchema = /output-schema: \|\n([\s\S]*?)\n {6}input:/.exec(cluster)?.[1] ?? '';
    const expected = expectedResult(await reportFiles(), 'structured-pdfs').reports;
    const { objects: items } = await bench.call('get-files-from-s3', {
      config: { bucket: failureBucket, prefix: 'sec', recursive: true },
      secrets,
    });
    for (const item of items.slice(0, 3)) {
      const parsed = await bench.call('parse-pdf', { input: item });
      const markdown = parsed.objects[0]?.['markdown'] as string; // by its manifest
      const { objects, error, metrics } = await bench.call('chat-completion', {
        config: { model: 'any', temperature: 0.5, 'max-tokens': 1024, 'output-format': 'json', 'output-schema': outputSchema },
        input: { prompt: `Parse the following quarterly financial report:\n${markdown}` },
      });
      expect(error).toBeNull();
      expect(objects).toEqual([expected.find((report) => report['file-path'] === item['file-path'])?.data]);
      expect(metrics).toMatchObject({ requests: 2, 'total-tokens': expect.any(Number) });
    }
  });

  it('hosts that neither manifest nor environment allows are refused for good (WHK-11)', async () => {
    const refused = { code: 'network-refused', retryable: false };
    for (const url of [
      'http://127.0.0.1:8099/',
      'http://169.254.169.254/latest/meta-data',
      'http://[::1]/',
      'http://localhost/',
      'http://2130706433/',
    ]) {
      expect((await bench.call('call-webhook', { config: { url } })).error, url).toMatchObject(refused);
    }
    const endpoint = 'http://127.0.0.1:8099';
    const outside = await openIsolateBench({});
    const listed = await outside.call('get-files-from-s3', { config: { bucket: 'b', endpoint }, secrets });
    await outside.stop();
    expect(listed.error).toMatchObject(refused);
  });

  it('transform and script work on the item', async () => {
    expect(await bench.call('transform', { config: { object: { a: 1 } } })).toMatchObject({ objects: [{ a: 1 }] });
    const config = { returns: 'many', code: 'return input.list.map((n) => ({ n: n * params.by }));', params: { by: 2 } };
    expect(await bench.call('script', { config, input: { list: [1, 2] } })).toMatchObject({ objects: [{ n: 2 }, { n: 4 }] });
    const failed = await bench.call('script', { config: { code: 'return x.y;' } });
    expect(failed.error).toMatchObject({ code: 'script-failed', retryable: false });
  });
});
