import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { marginOf, quarterlyReports } from './quarterly-report.ts';
import { reportFiles } from './report-files.ts';

describe('the reports', () => {
  it('are 25 files in folders, one of them corrupt', async () => {
    const files = await reportFiles();
    expect(files).toHaveLength(25);
    expect(new Set(files.map(({ key }) => key)).size).toBe(25);
    for (const { key, name } of files) expect(key).toMatch(new RegExp(`^sec/20\\d\\d/[a-z-]+/${name}$`));
    expect(files.filter(({ isCorrupt }) => isCorrupt)).toHaveLength(1);
  });

  it('have the same bytes every time', async () => {
    const digests = async () => (await reportFiles()).map(({ content }) => createHash('sha256').update(content).digest('hex'));
    const first = await digests();
    expect(await digests()).toEqual(first);
    expect(new Set(first).size).toBe(25);
  });

  it('add up', () => {
    for (const report of quarterlyReports()) {
      expect(report.revenue - report.costOfRevenue).toBe(report.grossProfit);
      expect(report.grossProfit - report.operatingExpenses).toBe(report.operatingIncome);
      expect(report.netIncome).toBeGreaterThan(0);
      expect(report.pages).toBeGreaterThanOrEqual(2);
      expect(report.pages).toBeLessThanOrEqual(6);
      expect(marginOf(report.netIncome, report)).toBeCloseTo((100 * report.netIncome) / report.revenue, 1);
    }
  });
});
