import { defineSatellite } from '@exosphere/satellite';
import { exchange, isSuccess, refusal } from '@exosphere/satellite-http';
import type { Alert } from './incident.ts';
import { incidentKeyOf, incidentOf, isDuplicate, openedIncident } from './incident.ts';

interface Config {
  readonly 'pagerduty-api-key': string;
  readonly 'pagerduty-service-id': string;
  readonly from?: string;
  readonly urgency?: 'high' | 'low';
  readonly region?: keyof typeof hosts;
}

const hosts = { us: 'api.pagerduty.com', eu: 'api.eu.pagerduty.com' };

export default defineSatellite<Config, Alert>({
  async run({ config, input }, context) {
    const key = await incidentKeyOf(context.idempotencyKey);
    const answer = await exchange(`https://${hosts[config.region ?? 'us']}/incidents`, {
      method: 'POST',
      headers: {
        accept: 'application/vnd.pagerduty+json;version=2',
        'content-type': 'application/json',
        authorization: `Token token=${config['pagerduty-api-key']}`,
        ...(config.from === undefined ? {} : { from: config.from }),
      },
      body: JSON.stringify(incidentOf(input, { serviceId: config['pagerduty-service-id'], key, urgency: config.urgency })),
      signal: context.signal,
      timeoutMs: 30_000,
      answerLimit: 262_144,
    });
    if (isDuplicate(answer.status, answer.text)) {
      context.log.info('the incident is open already: an earlier attempt opened it', { key });
      return [{ 'incident-key': key, created: false }];
    }
    if (!isSuccess(answer)) throw refusal(answer, 'PagerDuty', Date.now());
    return [{ 'incident-key': key, created: true, ...openedIncident(answer.text) }];
  },
});
