import { expect, it } from 'vitest';
import { incidentKeyOf, incidentOf, isDuplicate, openedIncident } from './incident.ts';

const options = { serviceId: 'PABC', key: 'run/step/0' };

it('opens an incident with the first line as its title and all of the message as its details', () => {
  expect(incidentOf({ message: '\n  Cluster a/b failed\nfor file c\n' }, { ...options, urgency: 'low' })).toEqual({
    incident: {
      type: 'incident',
      title: 'Cluster a/b failed',
      service: { id: 'PABC', type: 'service_reference' },
      incident_key: 'run/step/0',
      body: { type: 'incident_body', details: '\n  Cluster a/b failed\nfor file c\n' },
      urgency: 'low',
    },
  });
});

it('takes a title of its own, and marks one that is too long', () => {
  expect(incidentOf({ message: 'm', title: 't' }, options)).toMatchObject({ incident: { title: 't' } });
  const { incident } = incidentOf({ message: 'x'.repeat(300) }, options) as { incident: { title: string } };
  expect(incident.title).toBe(`${'x'.repeat(254)}…`);
});

it('keys an incident by the execution, also where the key is too long', async () => {
  expect(await incidentKeyOf('run/step/0')).toBe('run/step/0');
  const long = await incidentKeyOf('x'.repeat(300));
  expect(long).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(await incidentKeyOf('x'.repeat(301))).not.toBe(long);
});

it('reads what the answer says of the incident', () => {
  expect(openedIncident('{"incident":{"id":"P1","incident_number":7,"html_url":"https://x"}}')).toEqual({
    'incident-id': 'P1',
    'incident-number': 7,
    'incident-url': 'https://x',
  });
  expect(openedIncident('created')).toEqual({});
});

it('knows an incident that is open already from other refusals', () => {
  const already =
    '{"error":{"message":"Invalid Input Provided","code":2001,"errors":["Open incident with matching dedup key already exists on this service"]}}';
  expect(isDuplicate(400, already)).toBe(true);
  expect(isDuplicate(400, '{"error":{"code":2001,"errors":["Service must exist"]}}')).toBe(false);
  expect(isDuplicate(500, already)).toBe(false);
});
