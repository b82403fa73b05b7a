import type { QuarterlyReport } from './quarterly-report.ts';
import { quarterlyReports } from './quarterly-report.ts';
import { reportPdf } from './report-pdf.ts';

/** A report as it lies in the bucket. */
export interface ReportFile {
  /** `sec/2024/northwind-instruments/northwind-instruments-2024-q1.pdf` */
  readonly key: string;
  readonly name: string;
  readonly content: Uint8Array;
  readonly report: QuarterlyReport;
  /** Its upload was cut off: nothing can be read from it. */
  readonly isCorrupt: boolean;
}

/** The one of the 25 files that is corrupt. */
const corruptIndex = 17;

/** So many of the files, at least two: the corrupt one is among them. */
export function someFiles(files: readonly ReportFile[], count: number): readonly ReportFile[] {
  const corrupt = files.filter(({ isCorrupt }) => isCorrupt);
  return [...files.filter(({ isCorrupt }) => !isCorrupt).slice(0, count - corrupt.length), ...corrupt];
}

/** The 25 files of the demo, one of them corrupt. The same bytes every time. */
export function reportFiles(): Promise<readonly ReportFile[]> {
  return Promise.all(
    quarterlyReports().map(async (report, index): Promise<ReportFile> => {
      const slug = report.company.toLowerCase().replaceAll(' ', '-');
      const name = `${slug}-${report.year}-${report.quarter.toLowerCase()}.pdf`;
      const isCorrupt = index === corruptIndex;
      const content = await reportPdf(report);
      return { key: `sec/${report.year}/${slug}/${name}`, name, content: isCorrupt ? content.slice(0, 400) : content, report, isCorrupt };
    }),
  );
}
