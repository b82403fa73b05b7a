import type { IncomingMessage } from 'node:http';
import { isDigest } from '@exosphere/satellite-protocol';
import { GatewayRefusal } from './gateway-answer.ts';

/** What a request to the gateway asks for. */
export type GatewayRequest = { readonly kind: 'read'; readonly digest: string } | { readonly kind: 'write' };

/** Fails with a refusal where it asks for nothing that there is. */
export function readRequest({ method, url = '' }: IncomingMessage): GatewayRequest {
  if (url === '/v1/files') {
    if (method === 'POST') return { kind: 'write' };
    throw wrongMethod(method, 'POST');
  }
  const [, name] = /^\/v1\/files\/([^/?#]+)$/.exec(url) ?? [];
  if (name === undefined) {
    throw new GatewayRefusal(404, 'There is nothing at this path. Expected GET /v1/files/sha256:… or POST /v1/files.');
  }
  if (method !== 'GET') throw wrongMethod(method, 'GET');
  const digest = name.replace(/^sha256%3a/i, 'sha256:');
  if (!isDigest(digest)) throw new GatewayRefusal(400, `Found '${name.slice(0, 80)}', expected a digest: sha256: and 64 hex digits.`);
  return { kind: 'read', digest };
}

/** The token of a request; an empty one opens nothing. */
export function tokenOf({ headers }: IncomingMessage): string {
  const [, token = ''] = /^bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  return token;
}

function wrongMethod(method: string | undefined, expected: string): GatewayRefusal {
  return new GatewayRefusal(405, `Found the method ${method ?? ''}, expected ${expected}.`, { allow: expected });
}
