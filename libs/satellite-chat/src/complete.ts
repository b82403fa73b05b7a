import type { JsonObject } from '@exosphere/satellite';
import { SatelliteFailure } from '@exosphere/satellite';
import type { ModelAnswer } from './ask-model.ts';
import { askModel } from './ask-model.ts';
import type { ChatMessage, ChatOptions, ChatUsage, JsonAnswerOptions } from './chat-options.ts';
import { readJsonAnswer, withoutReasoning } from './read-json-answer.ts';
import { jsonInstruction, responseFormat } from './response-format.ts';
import { checkAgainst } from './schema-check.ts';

export interface TextCompletion {
  readonly text: string;
  /** What the model thought before it answered, where it says so. */
  readonly reasoning: string | null;
  readonly finishReason: string;
}

/** Told after every request, so that what was used counts also where the answer is of no use. */
export type OnUsage = (usage: ChatUsage) => void;

/** Asks for text. */
export async function completeText(options: ChatOptions, onUsage: OnUsage): Promise<TextCompletion> {
  const answer = await askModel(options, options.messages, {});
  onUsage({ requests: 1, promptTokens: answer.promptTokens, completionTokens: answer.completionTokens });
  const { answer: text, reasoning } = withoutReasoning(answer.content);
  return { text, reasoning: answer.reasoning ?? reasoning, finishReason: answer.finishReason };
}

/**
 * Asks for a JSON object that fits a schema. An answer that does not fit is shown to the model with what is wrong, up to `repairs` times.
 *
 * Fails with `answer-invalid`, retryable: it may have been the model's bad day.
 */
export async function completeJson(options: ChatOptions, wanted: JsonAnswerOptions, onUsage: OnUsage): Promise<JsonObject> {
  const check = wanted.schema === null ? () => null : checkAgainst(wanted.schema);
  const format = responseFormat(wanted.structuredOutput, wanted.schema);
  let messages = withInstruction(options.messages, jsonInstruction(wanted.schema));
  let usage: ChatUsage = { requests: 0, promptTokens: 0, completionTokens: 0 };
  for (let repair = 0; ; repair += 1) {
    const answer = await askModel(options, messages, format);
    usage = sum(usage, answer);
    onUsage(usage);
    const read = readJsonAnswer(answer.content, check);
    if (read.kind === 'object') return read.object;
    const fault = answer.finishReason === 'length' ? `it was cut off (max-tokens), and so ${read.fault}` : read.fault;
    if (repair === wanted.repairs) throw unusable(answer, fault, usage.requests);
    options.log.warn(`the model's answer cannot be used: ${fault}`, { answer: answer.content.slice(0, 2000), request: usage.requests });
    messages = [...messages, { role: 'assistant', content: answer.content }, { role: 'user', content: mend(fault) }];
  }
}

/** R1 and its like take instructions from the user, not from a system message. */
function withInstruction(messages: readonly ChatMessage[], instruction: string): readonly ChatMessage[] {
  const last = messages.at(-1);
  if (last?.role !== 'user') return [...messages, { role: 'user', content: instruction }];
  return [...messages.slice(0, -1), { role: 'user', content: `${last.content}\n\n${instruction}` }];
}

function mend(fault: string): string {
  return `This answer cannot be used: ${fault}. Answer again, with the whole JSON object and nothing else.`;
}

function sum({ requests, promptTokens, completionTokens }: ChatUsage, answer: ModelAnswer): ChatUsage {
  return {
    requests: requests + 1,
    promptTokens: promptTokens + answer.promptTokens,
    completionTokens: completionTokens + answer.completionTokens,
  };
}

function unusable({ content }: ModelAnswer, fault: string, requests: number): SatelliteFailure {
  const start = content.slice(0, 300).replaceAll(/\s+/g, ' ');
  const message = `After ${requests} ${requests === 1 ? 'try' : 'tries'} the model's answer does not fit the output-schema: ${fault}. It begins: ${start}`;
  return new SatelliteFailure(message, { code: 'answer-invalid', retryable: true });
}
