import type { Json, JsonObject, SatelliteContext } from '@exosphere/satellite';
import { SatelliteFailure } from '@exosphere/satellite';
import { parseOutputSchema } from '@exosphere/satellite-protocol';
import type { ChatMessage, ChatOptions, ChatUsage, StructuredOutput } from './chat-options.ts';
import { completeJson, completeText } from './complete.ts';

/** The config that every satellite with a model has. */
export interface ChatConfig {
  readonly temperature?: number;
  readonly 'max-tokens'?: number;
  readonly 'output-format'?: 'text' | 'json';
  /** A JSON Schema, or its shorthand as text. */
  readonly 'output-schema'?: Json;
}

/** The input that every satellite with a model takes. */
export interface ChatInput {
  readonly prompt?: string;
  readonly messages?: readonly ChatMessage[];
}

/** The model and its server. */
export interface ChatServer {
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey?: string | undefined;
  readonly parameters?: JsonObject | undefined;
  readonly structuredOutput: StructuredOutput;
  readonly repairs: number;
}

type ChatContext = Pick<SatelliteContext, 'signal' | 'deadline' | 'log' | 'metrics'>;

/**
 * Answers one request of a satellite with a model: the one object is the JSON that `output-schema` describes, or `completion`,
 * `finish-reason` and `reasoning`. What it used becomes metrics, also where it fails.
 */
export async function runChat(config: ChatConfig, input: ChatInput, server: ChatServer, context: ChatContext): Promise<readonly object[]> {
  const schema = schemaOf(config);
  const options: ChatOptions = {
    ...server,
    messages: messagesOf(input),
    temperature: config.temperature,
    maxTokens: config['max-tokens'],
    signal: context.signal,
    timeoutMs: Math.max(1000, Date.parse(context.deadline) - Date.now()),
    log: context.log,
  };
  const onUsage = (usage: ChatUsage): void => context.metrics(metricsOf(usage));
  if (config['output-format'] === 'json') return [await completeJson(options, { ...server, schema }, onUsage)];
  const { text, reasoning, finishReason } = await completeText(options, onUsage);
  if (finishReason === 'length')
    context.log.warn('the answer was cut off: max-tokens is too small for it', { 'max-tokens': config['max-tokens'] ?? null });
  return [{ completion: text, 'finish-reason': finishReason, ...(reasoning === null ? {} : { reasoning }) }];
}

function messagesOf({ prompt, messages = [] }: ChatInput): readonly ChatMessage[] {
  return prompt === undefined ? messages : [...messages, { role: 'user', content: prompt }];
}

function schemaOf({ 'output-format': format, 'output-schema': source }: ChatConfig): JsonObject | null {
  if (source === undefined) return null;
  if (format !== 'json') throw invalid("'output-schema' goes with 'output-format: json'; take it out, or ask for json.");
  const read = parseOutputSchema(source);
  if ('schema' in read) return read.schema;
  throw invalid(`The output-schema cannot be read: ${read.problem.message}.`);
}

function invalid(message: string): SatelliteFailure {
  return new SatelliteFailure(message, { code: 'config-invalid', retryable: false });
}

function metricsOf({ requests, promptTokens, completionTokens }: ChatUsage): JsonObject {
  return {
    requests,
    'prompt-tokens': promptTokens,
    'completion-tokens': completionTokens,
    'total-tokens': promptTokens + completionTokens,
  };
}
