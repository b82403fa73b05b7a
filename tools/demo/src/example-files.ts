import { demoEnvironment, environmentText } from './demo-environment.ts';
import type { PartyName } from './demo-parties.ts';
import { examplePorts } from './example-ports.ts';
import type { ExampleName } from './expected-result.ts';
import { expectedResult } from './expected-result.ts';
import { reportFiles } from './reports/report-files.ts';

const head = `# The outside world of this example, played on loopback: 'npm run parties' starts it, 'npm run demo' does so on other ports.
# The secrets open nothing else. A container is not needed: parse-pdf reads the text layer of the PDFs, and a stand-in that is no
# language model copies the figures from the prompt.
`;

/** The files of the examples that are computed: path below `examples` → text. */
export async function exampleFiles(): Promise<ReadonlyMap<string, string>> {
  const files = await reportFiles();
  const url = (name: PartyName): string => `http://127.0.0.1:${examplePorts[name]}`;
  const urls = { s3: url('s3'), webhook: url('webhook'), newRelic: url('newRelic'), pagerDuty: url('pagerDuty'), model: url('model') };
  const environment = head + environmentText(demoEnvironment(urls));
  const examples: readonly ExampleName[] = ['structured-pdfs', 'structured-pdfs-corrected'];
  return new Map(
    examples.flatMap((example) => [
      [`${example}/environments/local.yml`, environment],
      [`${example}/expected-result.json`, `${JSON.stringify(expectedResult(files, example), null, 2)}\n`],
    ]),
  );
}
