import type { HttpReceiver } from '@exosphere/testkit';
import { startReceiver } from '@exosphere/testkit';

export interface ReceivedIncident {
  readonly key: string;
  readonly title: string;
  readonly details: string;
}

export interface PagerDutyParty {
  readonly url: string;
  readonly incidents: () => readonly ReceivedIncident[];
  stop(): Promise<void>;
}

interface PagerDutyOptions {
  readonly apiKey: string;
  readonly serviceId: string;
  readonly port: number;
}

interface OpenIncident {
  readonly incident: {
    readonly title: string;
    readonly incident_key: string;
    readonly service: { readonly id: string };
    readonly body: { readonly details: string };
  };
}

/** Stands for api.pagerduty.com: opens one incident for each key. */
export async function startPagerDutyParty({ apiKey, serviceId, port }: PagerDutyOptions): Promise<PagerDutyParty> {
  const incidents = new Map<string, ReceivedIncident>();
  const invalid = (message: string) => ({
    status: 400,
    body: { error: { message: 'Invalid Input Provided', code: 2001, errors: [message] } },
  });
  const receiver: HttpReceiver = await startReceiver({
    port,
    answer: ({ path, headers, body }) => {
      if (path !== '/incidents') return { status: 404, body: {} };
      if (headers['authorization'] !== `Token token=${apiKey}`)
        return { status: 401, body: { error: { message: 'Unauthorized', code: 2006 } } };
      const { incident } = JSON.parse(body) as OpenIncident; // the demo sends what the API documents
      if (incident.service.id !== serviceId) return invalid('Service must exist');
      if (incidents.has(incident.incident_key)) return invalid('Open incident with matching dedup key already exists on this service');
      incidents.set(incident.incident_key, { key: incident.incident_key, title: incident.title, details: incident.body.details });
      const number = incidents.size;
      return {
        status: 201,
        body: {
          incident: { id: `QDEMO${number}`, incident_number: number, html_url: `https://demo.pagerduty.com/incidents/QDEMO${number}` },
        },
      };
    },
  });
  return { url: receiver.url, incidents: () => [...incidents.values()], stop: () => receiver.stop() };
}
