/** What `exo` ends with. docs/exo.md lists them for people. */
export const exitCodes = {
  /** Done; a run ended `completed`. */
  ok: 0,
  /** A fault of Exosphere's own. */
  internal: 1,
  /** The command line or a file is wrong. */
  invalid: 2,
  /** The run ended `partial`. */
  partial: 3,
  /** The run ended `failed`. */
  failed: 4,
  /** The run ended `cancelled`. */
  cancelled: 5,
  /** The database, the disk or this machine does not allow it. */
  unavailable: 6,
  /** The run was not made: its concurrency group is taken. */
  skipped: 7,
  /** Stopped by Ctrl-C or SIGTERM; an open run can be resumed. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
