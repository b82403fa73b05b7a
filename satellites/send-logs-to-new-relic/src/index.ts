import { defineSatellite } from '@exosphere/satellite';
import { exchange, isSuccess, refusal } from '@exosphere/satellite-http';
import type { LogRecord } from './new-relic-log.ts';
import { isAtLeast, newRelicLog } from './new-relic-log.ts';
import { payloads } from './payloads.ts';

interface Config {
  readonly 'account-id': string;
  readonly 'api-key': string;
  readonly 'application-id': string;
  readonly 'log-level'?: LogRecord['level'];
  readonly region?: keyof typeof hosts;
}

const hosts = { us: 'log-api.newrelic.com', eu: 'log-api.eu.newrelic.com', fedramp: 'gov-log-api.newrelic.com' };

export default defineSatellite<Config, { readonly records: readonly LogRecord[] }>({
  async run({ config, input }, context) {
    const wanted = input.records.filter((record) => isAtLeast(record, config['log-level'] ?? 'info'));
    const common = commonAttributes(config);
    const requests = payloads(wanted.map(newRelicLog), common);
    for (const { body } of requests) {
      const answer = await exchange(`https://${hosts[config.region ?? 'us']}/log/v1`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'api-key': config['api-key'] },
        body,
        signal: context.signal,
        timeoutMs: 30_000,
        answerLimit: 65_536,
      });
      if (!isSuccess(answer)) throw refusal(answer, 'New Relic', Date.now());
    }
    return [{ sent: wanted.length, requests: requests.length }];
  },
});

/** `appId` links logs to an APM application; New Relic wants an integer there. */
function commonAttributes({ 'account-id': account, 'application-id': application }: Config): Readonly<Record<string, string | number>> {
  const link = /^\d{1,15}$/.test(application) ? { appId: Number(application) } : {};
  return { 'service.name': 'exosphere', 'account.id': account, 'application.id': application, ...link };
}
