/** What takes its time, or what the user should know, while the embedded database is opened and held. */
export interface EmbeddedProgress {
  readonly kind:
    | 'waiting'
    | 'copying-binaries'
    | 'creating'
    | 'starting'
    | 'recovering'
    | 'stopping'
    | 'adopted'
    | 'port-changed'
    | 'connection-lost'
    | 'connection-restored';
  /** One sentence without its full stop. */
  readonly message: string;
}

/** Hears of what takes its time. It must not throw. */
export type OnProgress = (progress: EmbeddedProgress) => void;
