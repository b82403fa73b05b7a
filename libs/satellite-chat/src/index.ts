export type { ChatMessage, ChatOptions, ChatUsage, JsonAnswerOptions, StructuredOutput } from './chat-options.ts';
export type { OnUsage, TextCompletion } from './complete.ts';
export { completeJson, completeText } from './complete.ts';
export type { ModelPlace } from './served-model.ts';
export { servedModel } from './served-model.ts';
export type { ChatConfig, ChatInput, ChatServer } from './run-chat.ts';
export { runChat } from './run-chat.ts';
