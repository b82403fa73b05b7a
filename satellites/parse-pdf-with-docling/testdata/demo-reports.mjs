// Prints the reports of the demo, a line each. It is a program of its own, since no package imports a tool.
import { reportFiles } from '@exosphere/demo';

for (const { name, content, report, isCorrupt } of await reportFiles()) {
  console.log(JSON.stringify({ name, content: Buffer.from(content).toString('base64'), report, isCorrupt }));
}
