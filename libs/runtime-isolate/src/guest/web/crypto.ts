import { compute } from '../host-link.ts';
import { bytesOf, exactBuffer, joined } from './bytes.ts';
import { GuestDomException } from './dom-exception.ts';

type Source = ArrayBuffer | ArrayBufferView;

const secrets = new WeakMap<GuestCryptoKey, { readonly hash: string; readonly bytes: Uint8Array }>();

/** An HMAC key; its bytes cannot be read back. */
export class GuestCryptoKey {
  readonly type = 'secret';
  readonly extractable = false;
  readonly algorithm: { readonly name: 'HMAC'; readonly hash: { readonly name: string } };
  readonly usages: readonly string[];

  constructor(hash: string, usages: readonly string[]) {
    this.algorithm = { name: 'HMAC', hash: { name: hash } };
    this.usages = [...usages];
  }
}

function nameOf(algorithm: unknown): string {
  const name = typeof algorithm === 'object' && algorithm !== null && 'name' in algorithm ? algorithm.name : algorithm;
  return String(name).toUpperCase();
}

function unsupported(what: string): GuestDomException {
  return new GuestDomException(
    `${what} is not supported: crypto.subtle has digest (SHA-1, SHA-256, SHA-384, SHA-512) and HMAC.`,
    'NotSupportedError',
  );
}

function bytesFrom(name: string, text: string, bytes: Uint8Array): ArrayBuffer {
  const result = compute(name, text, exactBuffer(bytes));
  if (typeof result === 'string') throw unsupported('This algorithm');
  return result;
}

function secretOf(algorithm: unknown, key: GuestCryptoKey): { readonly hash: string; readonly bytes: Uint8Array } {
  const secret = secrets.get(key);
  if (nameOf(algorithm) !== 'HMAC' || secret === undefined) throw unsupported(nameOf(algorithm));
  return secret;
}

function sign(algorithm: unknown, key: GuestCryptoKey, data: Source): ArrayBuffer {
  const { hash, bytes } = secretOf(algorithm, key);
  return bytesFrom('hmac', JSON.stringify([hash, bytes.byteLength]), joined([bytes, bytesOf(data)]));
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.byteLength ^ b.byteLength;
  a.forEach((byte, index) => (difference |= byte ^ (b[index] ?? 0)));
  return difference === 0;
}

const subtle = {
  digest: async (algorithm: unknown, data: Source): Promise<ArrayBuffer> => bytesFrom('digest', nameOf(algorithm), bytesOf(data)),

  // eslint-disable-next-line @typescript-eslint/max-params -- the standard's own signature
  async importKey(
    format: string,
    data: Source,
    algorithm: { name: string; hash: unknown },
    _: boolean,
    usages: readonly string[],
  ): Promise<GuestCryptoKey> {
    if (format !== 'raw' || nameOf(algorithm) !== 'HMAC') throw unsupported(`${format} ${nameOf(algorithm)}`);
    const hash = nameOf(algorithm.hash);
    const key = new GuestCryptoKey(hash, usages);
    secrets.set(key, { hash, bytes: bytesOf(data) });
    return key;
  },

  sign: async (algorithm: unknown, key: GuestCryptoKey, data: Source): Promise<ArrayBuffer> => sign(algorithm, key, data),

  verify: async (algorithm: unknown, key: GuestCryptoKey, signature: Source, data: Source): Promise<boolean> =>
    isSame(bytesOf(signature), new Uint8Array(sign(algorithm, key, data))),
};

export const guestCrypto = {
  subtle,
  randomUUID(): string {
    const uuid = compute('uuid', '');
    return typeof uuid === 'string' ? uuid : '';
  },
  getRandomValues<T extends ArrayBufferView>(target: T): T {
    if (target.byteLength > 65_536) throw new GuestDomException('At most 65536 random bytes at a time.', 'QuotaExceededError');
    const random = compute('random', String(target.byteLength));
    if (typeof random === 'string') throw new TypeError('No random bytes.');
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(new Uint8Array(random));
    return target;
  },
};
