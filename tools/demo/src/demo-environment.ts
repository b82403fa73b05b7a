import { stringify } from 'yaml';
import type { PartyName } from './demo-parties.ts';
import { demoSecrets } from './parties/demo-credentials.ts';
import { standInName } from './parties/model-stand-in.ts';

/** An environment file as data: the unchanged example runs against the parties of the demo. */
export interface DemoEnvironment {
  readonly secrets: Readonly<Record<string, string>>;
  readonly endpoints: Readonly<Record<string, string>>;
  readonly satellites: Readonly<Record<string, { readonly uses: string; readonly config?: Readonly<Record<string, string>> }>>;
}

/** The environment in which the parties are the production hosts, and satellites that need no container stand in for those that do. */
export function demoEnvironment(urls: Readonly<Record<PartyName, string>>): DemoEnvironment {
  return {
    secrets: demoSecrets,
    endpoints: {
      s3: urls.s3,
      'https://api.aikin.com': urls.webhook,
      'https://log-api.newrelic.com': urls.newRelic,
      'https://api.pagerduty.com': urls.pagerDuty,
      'https://api.openai.com': urls.model,
    },
    satellites: {
      'satellite/exospherehost/parse-pdf-with-docling': { uses: 'satellite/exospherehost/parse-pdf' },
      'satellite/exospherehost/deepseek-r1-distrill-llama-70b': {
        uses: 'satellite/exospherehost/chat-completion',
        config: { model: standInName },
      },
    },
  };
}

/** The environment as the text of a file. */
export function environmentText(environment: DemoEnvironment): string {
  return stringify(environment, { singleQuote: true, lineWidth: 0 });
}
