import { failureBucket, reportsBucket } from './parties/demo-credentials.ts';
import { marginOf } from './reports/quarterly-report.ts';
import type { ReportFile } from './reports/report-files.ts';

/** Which of the examples: in the corrected one the failure chain takes the file from where it is. */
export type ExampleName = 'structured-pdfs' | 'structured-pdfs-corrected';

/** What a run of an example leaves behind. */
export interface ExpectedResult {
  readonly status: 'partial';
  /** Executions of each step, by how they ended. */
  readonly steps: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What the webhook got, by file path. */
  readonly reports: readonly { readonly data: Readonly<Record<string, string | number>>; readonly 'file-path': string }[];
  readonly incidents: number;
  /** The keys in each bucket afterwards. */
  readonly buckets: Readonly<Record<string, readonly string[]>>;
}

/** Computes from the reports themselves what the example must do with them. */
export function expectedResult(files: readonly ReportFile[], example: ExampleName): ExpectedResult {
  const good = files.filter(({ isCorrupt }) => !isCorrupt);
  const corrupt = files.filter(({ isCorrupt }) => isCorrupt);
  const moved = corrupt.map(({ name }) => `failed/quarterly-financial-reports/${name}`);
  const keys = (list: readonly ReportFile[]): string[] => list.map(({ key }) => key);
  const isCorrected = example === 'structured-pdfs-corrected';
  return {
    status: 'partial',
    steps: {
      'get-files-from-s3': { completed: 1 },
      'parse-pdf-with-docling': { completed: good.length, failed: corrupt.length },
      'deepseek-r1-distrill-llama-70b': { completed: good.length },
      'call-webhook': { completed: good.length },
      'delete-file-from-s3': { completed: good.length },
      'move-to-failure-bucket': { completed: corrupt.length },
      'send-pagerduty-alert': { completed: corrupt.length },
    },
    reports: good.map(reportBody).sort((a, b) => (a['file-path'] < b['file-path'] ? -1 : 1)),
    incidents: corrupt.length,
    buckets: {
      [reportsBucket]: (isCorrected ? [] : keys(corrupt)).sort(),
      [failureBucket]: [...keys(isCorrected ? files : good), ...moved].sort(),
    },
  };
}

function reportBody({ report, key }: ReportFile): ExpectedResult['reports'][number] {
  return {
    data: {
      company: report.company,
      quarter: report.quarter,
      year: report.year,
      revenue: report.revenue,
      'net-income': report.netIncome,
      'gross-profit': report.grossProfit,
      'operating-income': report.operatingIncome,
      'net-income-margin': marginOf(report.netIncome, report),
      'gross-profit-margin': marginOf(report.grossProfit, report),
      'operating-income-margin': marginOf(report.operatingIncome, report),
    },
    'file-path': key,
  };
}
