/** Opens secrets for an attempt. Failure: `vault-unavailable` (retryable). */
export interface SecretSource {
  /** The values of `names` that there are; a name without a value is absent from the answer. */
  open(
    names: readonly string[],
    options: { readonly project: string; readonly cluster: string; readonly run: string; readonly signal: AbortSignal },
  ): Promise<ReadonlyMap<string, string>>;
}
