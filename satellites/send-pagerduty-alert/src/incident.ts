/** What is alerted. */
export interface Alert {
  readonly message: string;
  readonly title?: string;
}

export interface IncidentOptions {
  readonly serviceId: string;
  readonly key: string;
  readonly urgency?: 'high' | 'low' | undefined;
}

/** PagerDuty takes no longer titles and keys. */
const longest = 255;

/** The body of a request that opens an incident. */
export function incidentOf({ message, title }: Alert, { serviceId, key, urgency }: IncidentOptions): object {
  const headline = title ?? message.trim().split('\n')[0]?.trim() ?? '';
  return {
    incident: {
      type: 'incident',
      title: headline.length > longest ? `${headline.slice(0, longest - 1)}…` : headline,
      service: { id: serviceId, type: 'service_reference' },
      incident_key: key,
      body: { type: 'incident_body', details: message },
      ...(urgency === undefined ? {} : { urgency }),
    },
  };
}

/** The key of an execution's incident: the idempotency key, or its digest where that is too long. */
export async function incidentKeyOf(idempotencyKey: string): Promise<string> {
  if (idempotencyKey.length <= longest) return idempotencyKey;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(idempotencyKey)));
  return `sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** What an incident says of itself, as far as it does. */
export interface OpenedIncident {
  readonly 'incident-id'?: string;
  readonly 'incident-number'?: number;
  readonly 'incident-url'?: string;
}

/** Reads the answer to an opened incident. */
export function openedIncident(text: string): OpenedIncident {
  const { incident = {} } = parsed(text) as { incident?: Record<string, unknown> }; // checked field by field below
  const { id, incident_number: number, html_url: url } = incident;
  return {
    ...(typeof id === 'string' ? { 'incident-id': id } : {}),
    ...(typeof number === 'number' ? { 'incident-number': number } : {}),
    ...(typeof url === 'string' ? { 'incident-url': url } : {}),
  };
}

/** Whether a refusal says that an open incident with this key is there already. */
export function isDuplicate(status: number, text: string): boolean {
  return status === 400 && /matching dedup key already exists/i.test(text);
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {}; // the incident is open; only what the answer says of it is missing
  }
}
