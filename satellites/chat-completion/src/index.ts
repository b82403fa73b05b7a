import type { JsonObject } from '@exosphere/satellite';
import { defineSatellite } from '@exosphere/satellite';
import type { ChatConfig, ChatInput, ChatServer } from '@exosphere/satellite-chat';
import { runChat } from '@exosphere/satellite-chat';

interface Config extends ChatConfig {
  readonly model: string;
  readonly 'base-url'?: string;
  readonly 'structured-output'?: ChatServer['structuredOutput'];
  readonly repairs?: number;
  readonly parameters?: JsonObject;
}

export default defineSatellite<Config, ChatInput>({
  run: ({ config, input, secrets }, context) =>
    runChat(
      config,
      input,
      {
        baseUrl: config['base-url'] ?? 'https://api.openai.com/v1',
        model: config.model,
        apiKey: secrets['API_KEY'],
        parameters: config.parameters,
        structuredOutput: config['structured-output'] ?? 'json-schema',
        repairs: config.repairs ?? 2,
      },
      context,
    ),
});
