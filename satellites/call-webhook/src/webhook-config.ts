import type { Json, JsonObject } from '@exosphere/satellite';

/** As satellite.yaml has it. */
export interface WebhookConfig {
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  readonly text?: string;
  readonly json?: Json;
  readonly 'timeout-seconds'?: number;
}
