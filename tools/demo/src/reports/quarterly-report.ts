/** What one quarterly report says. Amounts are in thousand USD, margins in percent. */
export interface QuarterlyReport {
  readonly company: string;
  readonly quarter: string;
  readonly year: string;
  readonly revenue: number;
  readonly costOfRevenue: number;
  readonly operatingExpenses: number;
  readonly grossProfit: number;
  readonly operatingIncome: number;
  readonly netIncome: number;
  readonly previousRevenue: number;
  readonly segments: readonly { readonly name: string; readonly revenue: number }[];
  readonly pages: number;
}

const companies = [
  'Northwind Instruments',
  'Halden Marine Freight',
  'Orchid Valley Foods',
  'Brightwater Analytics',
  'Castellan Rail Works',
];
const quarters = ['2023 Q4', '2024 Q1', '2024 Q2', '2024 Q3', '2024 Q4'];
const segmentNames = ['Products', 'Services', 'Licensing', 'Maintenance', 'Other'];

/** The 25 reports of the demo: five companies, five quarters. The same every time. */
export function quarterlyReports(): readonly QuarterlyReport[] {
  return companies.flatMap((company, c) =>
    quarters.map((label, q) => {
      const [year = '', quarter = ''] = label.split(' ');
      return reportOf({ company, year, quarter }, numbersFrom(c * 100 + q + 1), 2 + ((c + q) % 5));
    }),
  );
}

/** `12.3`: a part of the revenue in percent, as the report prints it. */
export function marginOf(part: number, { revenue }: Pick<QuarterlyReport, 'revenue'>): number {
  return Number(((part / revenue) * 100).toFixed(1));
}

function reportOf(head: Pick<QuarterlyReport, 'company' | 'quarter' | 'year'>, next: () => number, pages: number): QuarterlyReport {
  const revenue = 40_000 + Math.floor(next() * 900_000);
  const costOfRevenue = Math.floor(revenue * (0.45 + next() * 0.2));
  const grossProfit = revenue - costOfRevenue;
  const operatingExpenses = Math.floor(grossProfit * (0.5 + next() * 0.25));
  const operatingIncome = grossProfit - operatingExpenses;
  const netIncome = Math.floor(operatingIncome * (0.7 + next() * 0.1));
  const previousRevenue = Math.floor(revenue * (0.85 + next() * 0.25));
  const shares = segmentNames.map(() => 1 + next());
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const segments = segmentNames.map((name, index) => ({ name, revenue: Math.floor((revenue * (shares[index] ?? 0)) / whole) }));
  return { ...head, revenue, costOfRevenue, operatingExpenses, grossProfit, operatingIncome, netIncome, previousRevenue, segments, pages };
}

/** Numbers in [0, 1) that look random and are the same every time (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
