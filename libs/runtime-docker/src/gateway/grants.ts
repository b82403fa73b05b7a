import { timingSafeEqual } from 'node:crypto';

/** What one token has open. */
export type OpenExchanges = Set<AbortController>;

interface Grant {
  readonly token: Buffer;
  readonly open: OpenExchanges;
}

/** The tokens that open the gateway now. They come and go with each request, most of which have no file. */
export class Grants {
  readonly #grants = new Map<string, Grant>();

  grant(token: string): void {
    if (!this.#grants.has(token)) this.#grants.set(token, { token: Buffer.from(token), open: new Set() });
  }

  /** Cuts what is open under a token, which opens nothing any more. */
  revoke(token: string): void {
    const grant = this.#grants.get(token);
    this.#grants.delete(token);
    for (const exchange of grant?.open ?? []) exchange.abort();
  }

  revokeAll(): void {
    for (const token of [...this.#grants.keys()]) this.revoke(token);
  }

  /** Looks at every grant, in a time that says nothing about how much of a token is right. Null: it opens nothing. */
  find(token: string): OpenExchanges | null {
    const given = Buffer.from(token);
    const found = [...this.#grants.values()].filter((grant) => grant.token.length === given.length && timingSafeEqual(grant.token, given));
    return found[0]?.open ?? null;
  }
}
