import type { QuarterlyReport } from './quarterly-report.ts';
import { marginOf } from './quarterly-report.ts';
import type { Section } from './report-pdf.ts';

/** The sections of each page: what a report must say on the first two, then notes and segments. */
export function reportSections(report: QuarterlyReport): readonly (readonly Section[])[] {
  const further = Array.from({ length: report.pages - 2 }, (_, index) => (index === 0 ? segmentPage(report) : notesPage(report, index)));
  return [firstPage(report), ratiosPage(report), ...further];
}

function firstPage(report: QuarterlyReport): readonly Section[] {
  const { company, quarter, year } = report;
  const trend = report.revenue >= report.previousRevenue ? 'rose' : 'fell';
  return [
    { kind: 'title', text: 'Quarterly financial report' },
    { kind: 'paragraph', text: `Company: ${company}` },
    { kind: 'paragraph', text: `Quarter: ${quarter}` },
    { kind: 'paragraph', text: `Year: ${year}` },
    {
      kind: 'paragraph',
      text: `This report covers ${quarter} of ${year}. The revenue of ${company} ${trend} against the quarter before, while the operating expenses stayed within the budget that the board approved at the start of the year. All amounts are in thousand USD and have not been audited.`,
    },
    { kind: 'heading', text: 'Income statement' },
    {
      kind: 'table',
      rows: [
        ['Thousand USD', 'This quarter', 'Quarter before'],
        ['Revenue', amount(report.revenue), amount(report.previousRevenue)],
        ...statementRows(report),
      ],
    },
  ];
}

function statementRows(report: QuarterlyReport): readonly (readonly string[])[] {
  const before = (value: number): string => amount(Math.floor((value * report.previousRevenue) / report.revenue));
  return [
    ['Cost of revenue', amount(report.costOfRevenue), before(report.costOfRevenue)],
    ['Gross profit', amount(report.grossProfit), before(report.grossProfit)],
    ['Operating expenses', amount(report.operatingExpenses), before(report.operatingExpenses)],
    ['Operating income', amount(report.operatingIncome), before(report.operatingIncome)],
    ['Net income', amount(report.netIncome), before(report.netIncome)],
  ];
}

function ratiosPage(report: QuarterlyReport): readonly Section[] {
  const percent = (part: number): string => `${marginOf(part, report).toFixed(1)} %`;
  return [
    { kind: 'heading', text: 'Key ratios' },
    {
      kind: 'table',
      rows: [
        ['Ratio', 'This quarter'],
        ['Gross profit margin', percent(report.grossProfit)],
        ['Operating income margin', percent(report.operatingIncome)],
        ['Net income margin', percent(report.netIncome)],
      ],
    },
    {
      kind: 'paragraph',
      text: 'Each margin is the part of the revenue that is left after the costs named before it, in percent, rounded to one decimal.',
    },
  ];
}

function segmentPage(report: QuarterlyReport): readonly Section[] {
  const rows = report.segments.map(({ name, revenue }) => [name, amount(revenue), `${marginOf(revenue, report).toFixed(1)} %`]);
  return [
    { kind: 'heading', text: 'Segments' },
    { kind: 'table', rows: [['Segment', 'Sales', 'Share'], ...rows] },
    { kind: 'paragraph', text: 'Sales between segments are left out. Rounding may make the shares miss one hundred percent by a little.' },
  ];
}

function notesPage({ company, year }: QuarterlyReport, index: number): readonly Section[] {
  const notes = [
    `${company} keeps its books in USD. Sales in other currencies are converted at the mean rate of the month in which they were made.`,
    'Inventories are valued at the lower of cost and net realisable value. Depreciation is straight-line over the useful life of an asset.',
    `The headcount at the end of the period was close to plan. New positions of ${year} were mostly in engineering and in customer support.`,
    'No single customer stands for more than a tenth of the sales. The terms of payment did not change in the period.',
  ];
  return [{ kind: 'heading', text: `Note ${index}` }, ...notes.map((text): Section => ({ kind: 'paragraph', text }))];
}

/** `1,234,567` */
function amount(thousands: number): string {
  return thousands.toLocaleString('en-US');
}
