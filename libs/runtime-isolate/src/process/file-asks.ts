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

type FileAsk = Exclude<WorkerAsk, { name: 'emit' }>;

interface FileToRead {
  readonly kind: 'read';
  readonly chunks: AsyncIterator<Uint8Array>;
}

interface FileToWrite {
  readonly kind: 'write';
  readonly upload: Upload;
  readonly written: Promise<{ digest: string; size: number }>;
}

const mostOpen = 512;
const nothing: AskAnswer = { value: null, bytes: null };

/** The files that the requests of one call have open. */
export class CallFiles {
  readonly #blobs: BlobStore;
  readonly #project: string;
  readonly #files = new Map<number, FileToRead | FileToWrite>();
  readonly #stop = new AbortController();
  #last = 0;

  constructor(blobs: BlobStore, project: string) {
    this.#blobs = blobs;
    this.#project = project;
  }

  async answer(ask: FileAsk, body: Buffer): Promise<AskAnswer> {
    switch (ask.name) {
      case 'file-open':
        return this.#open(ask.digest);
      case 'file-pull':
        return this.#pull(ask.file);
      case 'file-create':
        return this.#create();
      case 'file-append':
        return this.#append(ask.file, body);
      case 'file-finish':
        return this.#finish(ask.file);
      case 'file-close':
        return this.#close(ask.file);
      default:
        throw refused('Unknown ask.', { code: 'not-supported' });
    }
  }

  close(): void {
    for (const id of [...this.#files.keys()]) this.#close(id);
    this.#stop.abort();
  }

  #add(file: FileToRead | FileToWrite): AskAnswer {
    this.#files.set((this.#last += 1), file);
    return { value: this.#last, bytes: null };
  }

  #requireRoom(): void {
    if (this.#files.size >= mostOpen) throw refused(`More than ${mostOpen} files are open.`, { code: 'not-supported' });
  }

  async #open(digest: unknown): Promise<AskAnswer> {
    this.#requireRoom();
    const content = await this.#blobs.read(this.#project, typeof digest === 'string' ? digest : '', { signal: this.#stop.signal });
    return this.#add({ kind: 'read', chunks: content[Symbol.asyncIterator]() });
  }

  async #pull(id: number): Promise<AskAnswer> {
    const file = this.#files.get(id);
    if (file?.kind !== 'read') throw refused('The file is closed.', { code: 'not-supported' });
    const next = await file.chunks.next();
    if (next.done !== true) return { value: null, bytes: next.value };
    this.#files.delete(id);
    return { value: 'end', bytes: null };
  }

  #create(): AskAnswer {
    this.#requireRoom();
    const upload = createUpload();
    const written = this.#blobs.write(this.#project, upload.content, { signal: this.#stop.signal });
    written.catch(() => upload.fail()); // `file-append` and `file-finish` give the reason
    return this.#add({ kind: 'write', upload, written });
  }

  #writing(id: number): FileToWrite {
    const file = this.#files.get(id);
    if (file?.kind !== 'write') throw refused('The file is closed.', { code: 'not-supported' });
    return file;
  }

  async #append(id: number, body: Buffer): Promise<AskAnswer> {
    const { upload, written } = this.#writing(id);
    try {
      await upload.write(body);
    } catch (cause) {
      await written; // fails with the store's own reason
      throw cause;
    }
    return nothing;
  }

  async #finish(id: number): Promise<AskAnswer> {
    const { upload, written } = this.#writing(id);
    upload.end();
    const value = await written;
    this.#files.delete(id);
    return { value, bytes: null };
  }

  #close(id: number): AskAnswer {
    const file = this.#files.get(id);
    this.#files.delete(id);
    if (file?.kind === 'write') file.upload.fail();
    else if (file?.kind === 'read') void file.chunks.return?.();
    return nothing;
  }
}

/** What the guest hears of a failure of ours: its code, and whether it may be tried again. */
export function askFailureOf(cause: unknown): AnswerFailure {
  if (cause instanceof AskFailure) return cause.failure;
  if (cause instanceof ExosphereError) return { name: 'TypeError', message: cause.message, code: cause.code, retryable: cause.retryable };
  return { name: 'TypeError', message: 'The worker could not do that.', code: 'satellite-error', retryable: true };
}
