/** What a worker tells of itself, for people and for monitoring. Must not throw. */
export interface WorkerReport {
  /** Something went wrong that the engine deals with: a database out of reach, a lease lost. */
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** What takes so long now, as a runtime tells it while it opens the satellite of a step; the log of the run has it too. */
  doing?(step: string, message: string): void;
}
