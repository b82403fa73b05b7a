import type { HttpReceiver, ReceiverAnswer } from '@exosphere/testkit';
import { startReceiver } from '@exosphere/testkit';
import { figuresInText } from './figures-in-text.ts';

export interface ModelStandIn {
  readonly url: string;
  /** Completions that were asked for. */
  readonly requests: () => number;
  stop(): Promise<void>;
}

interface StandInOptions {
  readonly port: number;
  /** Answers nonsense first, this often for each prompt, as models do: so that it can be seen how such an answer is mended. Default 0. */
  readonly badAnswers?: number;
}

interface Asked {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly response_format?: { readonly json_schema?: { readonly schema: Readonly<Record<string, unknown>> } };
}

/** What it calls itself, so that nobody takes it for a model. */
export const standInName = 'stand-in-for-a-language-model';

/**
 * Stands for a language model behind an OpenAI-compatible API. It is **no model**: it copies the figures that the schema names from the
 * prompt, by their labels.
 */
export async function startModelStandIn({ port, badAnswers = 0 }: StandInOptions): Promise<ModelStandIn> {
  let requests = 0;
  const receiver: HttpReceiver = await startReceiver({
    port,
    answer: ({ path, body }) => {
      if (path === '/v1/models') return { status: 200, body: { object: 'list', data: [{ id: standInName, object: 'model' }] } };
      if (path !== '/v1/chat/completions') return { status: 404, body: { error: { message: `no ${path} here` } } };
      requests += 1;
      const asked = JSON.parse(body) as Asked; // the demo asks what the API documents
      const answered = asked.messages.filter(({ role }) => role === 'assistant').length;
      return answered < badAnswers ? completion(asked, 'Sure! Here are the figures: {"company": ') : completion(asked, answerTo(asked));
    },
  });
  return { url: receiver.url, requests: () => requests, stop: () => receiver.stop() };
}

function answerTo({ messages, response_format: format }: Asked): string {
  const prompt = messages.find(({ role }) => role === 'user')?.content ?? '';
  const schema = format?.json_schema?.schema;
  if (schema === undefined) return `This is no language model. The prompt has ${prompt.length} characters.`;
  return JSON.stringify(figuresInText(prompt, schema));
}

function completion({ messages }: Asked, content: string): ReceiverAnswer {
  const tokens = (text: string): number => Math.ceil(text.length / 4);
  const prompt = messages.reduce((sum, message) => sum + tokens(message.content), 0);
  return {
    status: 200,
    body: {
      object: 'chat.completion',
      model: standInName,
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
      usage: { prompt_tokens: prompt, completion_tokens: tokens(content), total_tokens: prompt + tokens(content) },
    },
  };
}
