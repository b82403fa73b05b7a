export type { ChatMessage, ChatOptions, ChatUsage, JsonAnswerOptions, StructuredOutput } from './chat-options.ts';
export type { OnUsage, TextCompletion } from './complete.ts';
export { completeJson, completeText } from './complete.ts';
