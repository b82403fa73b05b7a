import { requireImages } from '@exosphere/testkit';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSatelliteImage, forgetImage, runSealed, satelliteFolder, startSealed } from './testing/sealed-image.ts';

interface DemoReport {
  readonly name: string;
  readonly content: string;
  readonly isCorrupt: boolean;
  readonly report: Readonly<Record<'revenue' | 'previousRevenue' | 'grossProfit' | 'operatingIncome' | 'netIncome' | 'pages', number>> & {
    readonly company: string;
    readonly quarter: string;
    readonly year: string;
    readonly segments: readonly { readonly name: string; readonly revenue: number }[];
  };
}

function demoReports(): readonly DemoReport[] {
  const printed = execFileSync(process.execPath, [join(satelliteFolder, 'testdata/demo-reports.mjs')], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as DemoReport); // what the program beside it prints
}

/** A PDF of the writer that the tests in Python use: a line of it draws. */
function pdf(drawing: string): Buffer {
  const program = `import sys; from write_pdf import *; sys.stdout.buffer.write(pdf_of(${drawing}))`;
  return execFileSync('python3', ['-B', '-c', program], { cwd: join(satelliteFolder, 'tests') });
}

let image = '';

beforeAll(async () => {
  await requireImages(['python:3.11-slim-bookworm']);
  image = await buildSatelliteImage();
}, 900_000);

afterAll(() => forgetImage(image));

describe('the image of parse-pdf-with-docling, sealed', () => {
  it('reads the right figures from each report of the demo, and fails for good on the corrupt one', async () => {
    const { ask, gateway, satellite } = await startSealed(image);
    const reports = demoReports();
    expect(reports).toHaveLength(25);
    for (const { name, content, report, isCorrupt } of reports) {
      const file = { file: gateway.add(Buffer.from(content, 'base64')), name, size: content.length, 'content-type': 'application/pdf' };
      const { objects, error } = await ask({
        config: { language: 'en', 'output-format': 'markdown-string', 'extract-images': false },
        file,
      });
      if (isCorrupt) {
        expect(error).toMatchObject({ code: 'pdf-invalid', retryable: false, message: expect.stringContaining(`'${name}'`) as string });
        continue;
      }
      const { company, quarter, year, pages, revenue, segments } = report;
      const margin = ((report.netIncome / revenue) * 100).toFixed(1);
      const amount = (value: number): string => value.toLocaleString('en-US');
      expect(objects).toEqual([{ markdown: expect.any(String) as string, pages, title: `${company} ${quarter} ${year}` }]);
      const lines = String(objects?.[0]?.['markdown']).split('\n');
      expect(lines.slice(0, 7)).toEqual(
        ['# Quarterly financial report', `Company: ${company}`, `Quarter: ${quarter}`, `Year: ${year}`].flatMap((line, at) =>
          at === 0 ? [line] : ['', line],
        ),
      );
      expect(lines).toContain(`| Revenue | ${amount(revenue)} | ${amount(report.previousRevenue)} |`);
      for (const [label, value] of [
        ['Gross profit', report.grossProfit],
        ['Operating income', report.operatingIncome],
        ['Net income', report.netIncome],
      ] as const) {
        expect(lines.some((line) => line.startsWith(`| ${label} | ${amount(value)} |`))).toBe(true);
      }
      expect(lines).toContain(`| Net income margin | ${margin} % |`);
      for (const segment of pages > 2 ? segments : []) {
        expect(lines.some((line) => line.startsWith(`| ${segment.name} | ${amount(segment.revenue)} |`))).toBe(true);
      }
    }
    satellite.end();
    expect(await satellite.ended).toBe(0);
  });

  it('stores the images of a document through the gateway', async () => {
    const { ask, gateway } = await startSealed(image);
    const content = pdf('PageUnderTest().text(50, 700, "Above.").image(50, 500, 160, 120, (1000, 800))');
    const file = { file: gateway.add(content), name: 'a.pdf', size: content.byteLength, 'content-type': 'application/pdf' };
    const { objects } = await ask({ config: { 'extract-images': true, 'output-format': 'json' }, file });
    const [{ images, document, markdown } = {}] = objects ?? [];
    expect(images).toEqual([expect.objectContaining({ name: 'a-1-1.png', 'content-type': 'image/png' })]);
    const [{ file: digest }] = images as [{ file: string }];
    expect(gateway.get(digest)?.subarray(1, 4).toString()).toBe('PNG');
    expect(document).toMatchObject({ schema_name: 'DoclingDocument', pages: { 1: { size: { width: 595, height: 842 } } } });
    expect(markdown).toBe('Above.\n\n![Image](a-1-1.png)');
  });

  it('says what to do where the full pipeline is asked for', async () => {
    const { ask, gateway } = await startSealed(image);
    const { error } = await ask({ config: { pipeline: 'full' }, file: { file: gateway.add('x'), name: 'a.pdf' } });
    expect(error).toMatchObject({
      code: 'pipeline-missing',
      retryable: false,
      message: expect.stringContaining('PIPELINES=full') as string,
    });
  });

  it('passes the tests of its text pipeline', async () => {
    const printed = await runSealed(image, join(satelliteFolder, 'tests'), ['python', '-m', 'unittest', 'discover', '-s', '/tests']);
    expect(printed).toMatch(/Ran \d\d tests[^]*OK/);
  }, 300_000);
});
