import type { Json, JsonObject } from '@exosphere/satellite';
import { SatelliteFailure } from '@exosphere/satellite';
import { exchange, isSuccess, refusal } from '@exosphere/satellite-http';
import type { ChatMessage, ChatOptions } from './chat-options.ts';

/** One answer of a model. */
export interface ModelAnswer {
  readonly content: string;
  /** What the model thought before, where the server keeps it apart. */
  readonly reasoning: string | null;
  /** `stop`, `length`, … */
  readonly finishReason: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** An answer above this is no chat completion. */
const answerLimit = 32 * 2 ** 20;

/**
 * Sends one request to `/chat/completions`.
 *
 * Fails with a `SatelliteFailure`: as `exchange` and `refusal` of satellite-http do, `model-refused` (not retryable), `answer-invalid`.
 */
export async function askModel(options: ChatOptions, messages: readonly ChatMessage[], more: JsonObject): Promise<ModelAnswer> {
  const answer = await exchange(`${options.baseUrl.replace(/\/+$/, '')}/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
    },
    body: JSON.stringify({
      model: options.model,
      messages,
      temperature: options.temperature,
      max_tokens: options.maxTokens,
      ...more,
      ...options.parameters,
    }),
    signal: options.signal,
    timeoutMs: options.timeoutMs,
    answerLimit,
  });
  if (!isSuccess(answer)) throw refusal(answer, `The model server of '${options.model}'`, Date.now());
  return readAnswer(answer.text);
}

/** The parts of the server's answer that are read; anything may be missing. */
interface Completion {
  readonly choices?: readonly {
    readonly finish_reason?: string;
    readonly message?: { readonly content?: Json; readonly reasoning_content?: Json; readonly reasoning?: Json; readonly refusal?: Json };
  }[];
  readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number };
}

function readAnswer(text: string): ModelAnswer {
  const { choices, usage } = parse(text);
  const message = choices?.[0]?.message;
  const finishReason = choices?.[0]?.finish_reason ?? 'unknown';
  if (typeof message?.refusal === 'string' || finishReason === 'content_filter') {
    const why = typeof message?.refusal === 'string' ? `: ${message.refusal}` : '';
    throw new SatelliteFailure(`The model refused to answer${why}.`, { code: 'model-refused', retryable: false });
  }
  if (typeof message?.content !== 'string') throw notUnderstood(text);
  // vLLM calls it `reasoning` since 0.12
  const reasoning = message.reasoning_content ?? message.reasoning;
  return {
    content: message.content,
    reasoning: typeof reasoning === 'string' ? reasoning : null,
    finishReason,
    promptTokens: usage?.prompt_tokens ?? 0,
    completionTokens: usage?.completion_tokens ?? 0,
  };
}

function parse(text: string): Completion {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value; // each part is checked where it is read
  } catch {
    // said below
  }
  throw notUnderstood(text);
}

function notUnderstood(text: string): SatelliteFailure {
  const start = text.slice(0, 200).replaceAll(/\s+/g, ' ');
  return new SatelliteFailure(`The server's answer is no chat completion: ${start}`, { code: 'answer-invalid', retryable: true });
}
