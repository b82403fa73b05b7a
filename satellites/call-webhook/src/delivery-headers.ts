import { SatelliteFailure } from '@exosphere/satellite';

export interface Delivery {
  /** The same in every attempt. */
  readonly id: string;
  /** ms since 1970: of this attempt. */
  readonly now: number;
  readonly body: string;
  /** `whsec_` and base64, or the base64 alone. */
  readonly secret?: string | undefined;
}

/** The headers by which a receiver knows a delivery again and, where there is a secret, its sender (Standard Webhooks). */
export async function deliveryHeaders({ id, now, body, secret }: Delivery): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000));
  return {
    'user-agent': 'Exosphere',
    'idempotency-key': id,
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(secret === undefined ? {} : { 'webhook-signature': `v1,${await sign(`${id}.${timestamp}.${body}`, secret)}` }),
  };
}

async function sign(message: string, secret: string): Promise<string> {
  const key = await crypto.subtle.importKey('raw', keyOf(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const signature = new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(message)));
  return btoa(String.fromCharCode(...signature));
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(secret.replace(/^whsec_/, '')), (character) => character.charCodeAt(0));
  } catch (cause) {
    const message = "The secret WEBHOOK_SECRET is no webhook secret: 'whsec_' and base64 is expected.";
    throw new SatelliteFailure(message, { code: 'secret-invalid', retryable: false, cause });
  }
}
