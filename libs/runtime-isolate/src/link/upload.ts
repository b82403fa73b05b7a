import { refused } from './ask-failure.ts';

/** Bytes that one side writes and the other reads. */
export interface Upload {
  /** Settles when the reader took the chunk; rejects where it will not. */
  write(chunk: Uint8Array): Promise<void>;
  end(): void;
  fail(): void;
  readonly content: AsyncIterable<Uint8Array>;
}

/** A body that is written chunk by chunk: a write settles when its chunk was taken, so that memory does not grow. */
export function createUpload(): Upload {
  let offered: { readonly chunk: Uint8Array; readonly taken: () => void; readonly failed: (cause: unknown) => void } | null = null;
  let wake: (() => void) | null = null;
  let state: 'open' | 'ended' | 'failed' = 'open';

  const stir = (): void => {
    wake?.();
    wake = null;
  };

  async function* content(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        if (offered !== null) {
          const { chunk, taken } = offered;
          offered = null;
          taken();
          yield chunk;
        } else if (state === 'ended') return;
        else if (state === 'failed') throw refused('The stream was not written to its end.', { code: 'stream-failed' });
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      offered?.failed(refused('The reader did not take the whole stream.', { code: 'stream-failed' }));
      state = 'failed';
    }
  }

  return {
    content: content(),
    write: (chunk) =>
      new Promise((taken, failed) => {
        if (state !== 'open') {
          failed(refused('The reader did not take the whole stream.', { code: 'stream-failed' }));
          return;
        }
        offered = { chunk, taken, failed };
        stir();
      }),
    end() {
      if (state === 'open') state = 'ended';
      stir();
    },
    fail() {
      if (state === 'open') state = 'failed';
      stir();
    },
  };
}
