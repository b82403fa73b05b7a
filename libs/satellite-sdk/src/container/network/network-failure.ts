/** A request that did not get through, as the isolate tells it. */
export class NetworkFailure extends TypeError {
  readonly code: 'network-refused' | 'network-failed';
  readonly retryable: boolean;

  constructor(code: NetworkFailure['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = code === 'network-failed';
  }
}
