import type { Message } from 'esbuild';
import { BundleFailure } from './bundle-failure.ts';

function problemOf({ location, text }: Message): string {
  return location === null ? text : `${location.file}:${location.line}:${location.column + 1}: ${text}`;
}

function messagesOf(cause: unknown): readonly Message[] {
  const errors = typeof cause === 'object' && cause !== null && 'errors' in cause ? cause.errors : null;
  return Array.isArray(errors) ? (errors as Message[]) : []; // a BuildFailure of esbuild carries its messages
}

/** What esbuild found wrong, with the place of each problem; any other failure as it is. */
export function buildFailure(folder: string, cause: unknown): unknown {
  const messages = messagesOf(cause);
  return messages.length === 0 ? cause : new BundleFailure(folder, messages.map(problemOf), { cause });
}
