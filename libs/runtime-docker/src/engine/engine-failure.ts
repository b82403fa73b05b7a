import { ExosphereError } from '@exosphere/model';

/** An answer of the container engine that is a refusal. */
export class EngineRefusal extends ExosphereError {
  /** HTTP status: 404 no such thing, 409 in conflict, 500 the engine could not. */
  readonly status: number;
  /** What the engine says, without the frame that the client puts around it. */
  readonly reason: string;

  constructor(what: string, { status, reason, cause }: { readonly status: number; readonly reason: string; readonly cause: unknown }) {
    super('container-engine-refused', `The container engine could not ${what}: ${reason}`, { cause, retryable: status >= 500 });
    this.status = status;
    this.reason = reason;
  }
}

/** What the client library throws for an answer that is no success. */
interface StatusError {
  readonly statusCode: number;
  readonly json?: unknown;
  readonly message: string;
}

function isStatusError(error: unknown): error is StatusError {
  return typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number';
}

function reasonOf({ json, message }: StatusError): string {
  const said = typeof json === 'object' && json !== null && 'message' in json ? json.message : null;
  return (typeof said === 'string' ? said : message.replace(/^\(HTTP code \d+\) [^-]*- /, '')).trim();
}

function codeOf(error: unknown): string | null {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** What to do where the engine cannot be asked at all. */
export function engineOutOfReach(where: string, cause: unknown): ExosphereError {
  const code = codeOf(cause);
  const advice =
    code === 'EACCES' || code === 'EPERM'
      ? `this user may not use it. Add the user to the group 'docker', or set DOCKER_HOST to an engine of its own`
      : code === 'ENOENT' || code === 'ECONNREFUSED'
        ? `none answers there. Install and start Docker (or Podman), or set DOCKER_HOST to where it listens`
        : `it does not answer (${cause instanceof Error ? cause.message : String(cause)})`;
  return new ExosphereError('runtime-unavailable', `Satellites in containers need a container engine at ${where}, but ${advice}.`, {
    cause,
    retryable: true,
  });
}

/** Something answers where the engine should be that is none, or none yet. */
export function noEngine(where: string, what: string, cause?: unknown): ExosphereError {
  const advice = `what answers there is no container engine that works (${what}). Look at it, or set DOCKER_HOST to where one listens`;
  return new ExosphereError('runtime-unavailable', `Satellites in containers need a container engine at ${where}, but ${advice}.`, {
    cause,
    retryable: true,
  });
}

/** What the client library threw, as one of ours. */
export function engineFailure(what: string, where: string, error: unknown): ExosphereError {
  if (error instanceof ExosphereError) return error;
  if (isStatusError(error)) return new EngineRefusal(what, { status: error.statusCode, reason: reasonOf(error), cause: error });
  return engineOutOfReach(where, error);
}

export function isMissing(error: unknown): boolean {
  return error instanceof EngineRefusal && error.status === 404;
}

export function isConflict(error: unknown): boolean {
  return error instanceof EngineRefusal && error.status === 409;
}
