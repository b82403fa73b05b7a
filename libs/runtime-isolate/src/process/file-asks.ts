import type { Buffer } from 'node:buffer';
import { ExosphereError } from '@exosphere/model';
import type { BlobStore } from '@exosphere/ports';
import { AskFailure, refused } from '../link/ask-failure.ts';
import type { AnswerFailure, WorkerAsk } from '../link/messages.ts';
import type { Upload } from '../link/upload.ts';
import { createUpload } from '../link/upload.ts';

/** What a guest's question is answered with. */
export interface AskAnswer {
  readonly value: unknown;
  readonly bytes: Uint8Array | null;
}

export type FileAsk = Exclude<WorkerAsk, { name: 'emit' }>;

/** The files that the requests of one call have open. */
export interface CallFiles {
  answer(ask: FileAsk, body: Buffer): Promise<AskAnswer>;
  close(): void;
}

type OpenFile =
  | { readonly kind: 'read'; readonly chunks: AsyncIterator<Uint8Array> }
  | { readonly kind: 'write'; readonly upload: Upload; readonly written: Promise<{ digest: string; size: number }> };

const mostOpen = 512;
const nothing: AskAnswer = { value: null, bytes: null };

export function openCallFiles(blobs: BlobStore, project: string): CallFiles {
  const files = new Map<number, OpenFile>();
  const stop = new AbortController();
  const { signal } = stop;
  let last = 0;

  const add = (file: OpenFile): AskAnswer => {
    files.set((last += 1), file);
    return { value: last, bytes: null };
  };

  const requireRoom = (): void => {
    if (files.size >= mostOpen) throw refused(`More than ${mostOpen} files are open.`, 'not-supported');
  };

  const writing = (id: number): Extract<OpenFile, { kind: 'write' }> => {
    const file = files.get(id);
    if (file?.kind !== 'write') throw refused('The file is closed.', 'not-supported');
    return file;
  };

  const create = (): AskAnswer => {
    requireRoom();
    const upload = createUpload();
    const written = blobs.write(project, upload.content, { signal });
    written.catch(() => upload.fail()); // `file-append` and `file-finish` give the reason
    return add({ kind: 'write', upload, written });
  };

  const pull = async (id: number): Promise<AskAnswer> => {
    const file = files.get(id);
    if (file?.kind !== 'read') throw refused('The file is closed.', 'not-supported');
    const next = await file.chunks.next();
    if (next.done !== true) return { value: null, bytes: next.value };
    files.delete(id);
    return { value: 'end', bytes: null };
  };

  const append = async (id: number, body: Buffer): Promise<AskAnswer> => {
    const { upload, written } = writing(id);
    await Promise.race([upload.write(body), written]); // a store that fails says so, and takes no more
    return nothing;
  };

  const close = (id: number): AskAnswer => {
    const file = files.get(id);
    files.delete(id);
    if (file?.kind === 'write') file.upload.fail();
    else if (file?.kind === 'read') void file.chunks.return?.();
    return nothing;
  };

  return {
    async answer(ask, body) {
      switch (ask.name) {
        case 'file-open':
          requireRoom();
          return add({ kind: 'read', chunks: (await blobs.read(project, String(ask.digest), { signal }))[Symbol.asyncIterator]() });
        case 'file-pull':
          return pull(ask.file);
        case 'file-create':
          return create();
        case 'file-append':
          return append(ask.file, body);
        case 'file-finish': {
          const { upload, written } = writing(ask.file);
          upload.end();
          const value = await written;
          files.delete(ask.file);
          return { value, bytes: null };
        }
        case 'file-close':
          return close(ask.file);
        default:
          throw refused('Unknown ask.', 'not-supported');
      }
    },
    close() {
      for (const id of [...files.keys()]) close(id);
      stop.abort();
    },
  };
}

/** What the guest hears of a failure of ours: its code, and whether it may be tried again. */
export function askFailureOf(cause: unknown): AnswerFailure {
  if (cause instanceof AskFailure) return cause.failure;
  if (cause instanceof ExosphereError) return { name: 'TypeError', message: cause.message, code: cause.code, retryable: cause.retryable };
  return { name: 'TypeError', message: 'The worker could not do that.', code: 'satellite-error', retryable: true };
}
