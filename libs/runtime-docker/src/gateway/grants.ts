import { createHash, timingSafeEqual } from 'node:crypto';

/** What one token has open. */
export type OpenExchanges = Set<AbortController>;

interface Grant {
  readonly hash: Buffer;
  readonly open: OpenExchanges;
}

/** The tokens that open the gateway now. */
export class Grants {
  #grants: readonly Grant[] = [];

  grant(token: string): void {
    if (this.find(token) === null) this.#grants = [...this.#grants, { hash: hashOf(token), open: new Set() }];
  }

  /** Cuts what is open under a token, which opens nothing any more. */
  revoke(token: string): void {
    const open = this.find(token);
    this.#grants = this.#grants.filter((grant) => grant.open !== open);
    for (const exchange of open ?? []) exchange.abort();
  }

  revokeAll(): void {
    const grants = this.#grants;
    this.#grants = [];
    for (const { open } of grants) for (const exchange of open) exchange.abort();
  }

  /** Looks at every grant, and at hashes of equal length, so that its time says nothing about how much of a token is right. */
  find(token: string): OpenExchanges | null {
    const hash = hashOf(token);
    return this.#grants.filter((grant) => timingSafeEqual(grant.hash, hash))[0]?.open ?? null;
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
