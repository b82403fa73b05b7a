import type { LocalModel } from '@exosphere/local-model';
import { startLocalModel } from '@exosphere/local-model';
import { createTestFiles, testSatellite } from '@exosphere/satellite/testing';
import deepseek from '@exosphere/satellite-deepseek-r1-distrill-llama-70b';
import parsePdf from '@exosphere/satellite-parse-pdf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportFiles } from './reports/report-files.ts';

let model: LocalModel;

beforeAll(async () => {
  model = await startLocalModel();
});
afterAll(() => model.stop());

const figures = ['revenue', 'net-income', 'gross-profit'];
const schema = `{ "company": string, "quarter": string, ${figures.map((name) => `"${name}": number`).join(', ')}, }`;

async function reportText(): Promise<unknown> {
  const files = createTestFiles();
  const [report] = await reportFiles();
  const file = await files.write('report.pdf', 'application/pdf', report?.content ?? '');
  const { objects } = await testSatellite(parsePdf, { input: { file }, files });
  return objects[0]?.['markdown'];
}

describe('the local model', () => {
  it('lists itself', async () => {
    const { data } = (await (await fetch(`${model.baseUrl}/v1/models`)).json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual([model.model]);
  });

  it('answers a question about a report with JSON that fits the schema, through the satellite', async () => {
    const text = await reportText();
    expect(text).toEqual(expect.stringContaining('Income statement'));
    const prompt = `Parse the following quarterly financial report and return a structured json output: ${text as string}`;
    const { objects, error, metrics, logs } = await testSatellite(deepseek, {
      config: { temperature: 0, 'max-tokens': 1024, 'output-format': 'json', 'output-schema': schema },
      input: { prompt },
      endpoints: { server: model.baseUrl },
      timeoutMs: 110_000,
    });
    expect(error).toBeNull();
    expect(Object.keys(objects[0] ?? {})).toEqual(['company', 'quarter', ...figures]);
    expect(objects[0]).toMatchObject({ company: 'Northwind Instruments', quarter: expect.any(String) });
    for (const figure of figures) expect(objects[0]?.[figure]).toEqual(expect.any(Number));
    expect(metrics).toMatchObject({ requests: 1, 'prompt-tokens': expect.any(Number), 'completion-tokens': expect.any(Number) });
    expect(logs).toMatchObject([{ level: 'info', message: expect.stringContaining(model.model) }]);
  });

  it('ends when it is told to', async () => {
    const stopped = new AbortController();
    const other = await startLocalModel({ signal: stopped.signal });
    stopped.abort();
    await other.stop();
    await expect(fetch(`${other.baseUrl}/health`)).rejects.toThrow('fetch failed');
  });
});
