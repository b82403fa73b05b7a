import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Bytes sealed with AES-256-GCM. All base64. */
export interface Sealed {
  readonly nonce: string;
  readonly tag: string;
  readonly bytes: string;
}

/** A value in its envelope: sealed with a key of its own, which is sealed with the master key. */
export interface Envelope {
  readonly key: Sealed;
  readonly value: Sealed;
}

const algorithm = 'aes-256-gcm';
const nonceLength = 12;

/**
 * Puts a value into an envelope.
 *
 * @param bound what the envelope is bound to: it opens with the same text only
 */
export function sealEnvelope(masterKey: Uint8Array, bound: string, value: string): Envelope {
  const key = randomBytes(32);
  return { key: seal(masterKey, `key ${bound}`, key), value: seal(key, `value ${bound}`, Buffer.from(value, 'utf8')) };
}

/** The value of an envelope. Throws where anything is not as it was sealed. */
export function openEnvelope(masterKey: Uint8Array, bound: string, { key, value }: Envelope): string {
  return open(open(masterKey, `key ${bound}`, key), `value ${bound}`, value).toString('utf8');
}

function seal(key: Uint8Array, bound: string, bytes: Uint8Array): Sealed {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv(algorithm, key, nonce);
  cipher.setAAD(Buffer.from(bound, 'utf8'));
  const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return { nonce: nonce.toString('base64'), tag: cipher.getAuthTag().toString('base64'), bytes: sealed.toString('base64') };
}

function open(key: Uint8Array, bound: string, { nonce, tag, bytes }: Sealed): Buffer {
  const decipher = createDecipheriv(algorithm, key, Buffer.from(nonce, 'base64'), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(bound, 'utf8'));
  decipher.setAuthTag(Buffer.from(tag, 'base64'));
  return Buffer.concat([decipher.update(Buffer.from(bytes, 'base64')), decipher.final()]);
}
