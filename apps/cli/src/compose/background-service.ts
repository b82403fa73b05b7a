/** What goes on as long as this process works on runs. */
export interface BackgroundService {
  /** Ends when the signal aborts. Fails only by a fault of ours: it deals with what the world does. */
  work(signal: AbortSignal): Promise<void>;
}
