/** What the worker's proxy said when it did not let a connection through. */
export interface Refusal {
  readonly status: number;
  readonly sentence: string;
}

const most = 200;

/** The last refusal of each `host:port`. A client of a tunnel learns only that there was one. */
export class Refusals {
  readonly #byTarget = new Map<string, Refusal>();

  add(target: string, refusal: Refusal): void {
    this.#byTarget.delete(target);
    this.#byTarget.set(target, refusal);
    const [oldest] = this.#byTarget.keys();
    if (this.#byTarget.size > most && oldest !== undefined) this.#byTarget.delete(oldest);
  }

  of({ protocol, hostname, port }: URL): Refusal | null {
    const named = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
    return this.#byTarget.get(`${hostname}:${named}`) ?? null;
  }
}
