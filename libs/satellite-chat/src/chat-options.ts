import type { JsonObject, SatelliteLogger } from '@exosphere/satellite';

/** One message of a conversation, as the OpenAI protocol has it. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** How the server is told to keep to the schema. It is checked in any case. */
export type StructuredOutput = 'json-schema' | 'json-object' | 'none';

/** What is asked of a model, and where it is. */
export interface ChatOptions {
  /** `https://api.openai.com/v1` */
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey?: string | undefined;
  readonly messages: readonly ChatMessage[];
  readonly temperature?: number | undefined;
  readonly maxTokens?: number | undefined;
  /** Further keys of the request, as the server knows them. */
  readonly parameters?: JsonObject | undefined;
  readonly signal: AbortSignal;
  /** For each request, in ms. */
  readonly timeoutMs: number;
  readonly log: SatelliteLogger;
}

/** What the answer must be. */
export interface JsonAnswerOptions {
  /** Null: any JSON object. */
  readonly schema: JsonObject | null;
  readonly structuredOutput: StructuredOutput;
  /** How often a model may mend an answer that does not fit. */
  readonly repairs: number;
}

/** Tokens that were used, over all requests, as the server counts them. */
export interface ChatUsage {
  readonly requests: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}
