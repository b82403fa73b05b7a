import { ExosphereError } from '@exosphere/model';
import type { CallEnd, OpenSatellite, SatelliteCall } from '@exosphere/ports';
import type { ManifestChecks } from '@exosphere/satellite-protocol';

/** What an open satellite works with. */
export interface DockerParts {
  readonly checks: ManifestChecks;
  readonly callSize: number;
  invoke(call: SatelliteCall, signal: AbortSignal): Promise<CallEnd>;
  /** What it needs beside itself is let go. */
  close(): Promise<void>;
}

/** A satellite in containers, for one run and step. */
export class OpenDocker implements OpenSatellite {
  readonly checkConfig: OpenSatellite['checkConfig'];
  readonly checkInput: OpenSatellite['checkInput'];
  readonly checkOutput: OpenSatellite['checkOutput'];
  readonly callSize: number;
  readonly #parts: DockerParts;
  #isClosed = false;

  constructor(parts: DockerParts) {
    this.#parts = parts;
    this.callSize = parts.callSize;
    this.checkConfig = parts.checks.config;
    this.checkInput = parts.checks.input;
    this.checkOutput = parts.checks.output;
  }

  async invoke(call: SatelliteCall, { signal }: { readonly signal: AbortSignal }): Promise<CallEnd> {
    if (this.#isClosed) throw new ExosphereError('runtime-unavailable', 'The satellite was closed; open it again.', { retryable: true });
    if (call.requests.length === 0) return { kind: 'done' };
    if (signal.aborted) return { kind: 'lost', reason: 'cancelled', message: 'The call was cancelled.' };
    return this.#parts.invoke(call, signal);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#parts.close();
  }
}
