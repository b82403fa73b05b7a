const codes: Readonly<Record<string, number>> = {
  SyntaxError: 12,
  AbortError: 20,
  TimeoutError: 23,
  DataCloneError: 25,
  NotSupportedError: 9,
};

export class GuestDomException extends Error {
  readonly code: number;

  constructor(message = '', name = 'Error') {
    super(message);
    this.name = name;
    this.code = codes[name] ?? 0;
  }
}
