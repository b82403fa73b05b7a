/** The command line is wrong. */
export class UsageError extends Error {
  /** What to look at: `exo run --help`. */
  readonly help: string | null;

  constructor(message: string, help: string | null = null) {
    super(message);
    this.name = 'UsageError';
    this.help = help;
  }
}
