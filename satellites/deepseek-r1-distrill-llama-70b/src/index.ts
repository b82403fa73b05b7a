import { defineSatellite } from '@exosphere/satellite';
import type { ChatConfig, ChatInput } from '@exosphere/satellite-chat';
import { runChat, servedModel } from '@exosphere/satellite-chat';

/** As `--served-model-name` of the server in `satellite.yaml` says. */
const model = 'deepseek-r1-distill-llama-70b';
/** What DeepSeek recommends: R1 repeats itself below. */
const temperature = 0.6;
const repairs = 2;

export default defineSatellite<ChatConfig, ChatInput>({
  async run({ config, input }, context) {
    const baseUrl = `${context.endpoint('server', 'http://server').replace(/\/v1$/, '')}/v1`;
    const server = { baseUrl, model: await servedModel({ baseUrl, model }, context), structuredOutput: 'json-schema', repairs } as const;
    return runChat({ temperature, ...config }, input, server, context);
  },
});
