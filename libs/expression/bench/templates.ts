import type { Value } from '../src/index.ts';

/** What templates of clusters look like, in the subset that GitHub's package can read. `#` is replaced by a number. */
const SHAPES = [
  '${{ satellites.step-#.output }}',
  '${{satellites.step-#.output.text}}',
  '${{ satellites.get-files-from-s3.output.file-path }}',
  'failed/quarterly-financial-reports/${{satellites.step-#.output.file-name}}',
  'Bearer ${{ secrets.API_BEARER_TOKEN }}',
  '${{ secrets.AWS_ACCESS_KEY }}',
  'Cluster ${{cluster.identifier}} failed at ${{cluster.trigger.time}} for file ${{satellites.step-#.output.file-path}} with error ${{satellites.step-#.error.message}}, file has been moved to failure bucket with path ${{satellites.move.output.file-uri}}',
  "${{ item.size > inputs.limit && item.kind == 'pdf' }}",
  "${{ contains(item.name, '.pdf') || endsWith(item.name, '.PDF') }}",
  '${{ item.pages.*.text }}',
  "${{ join(item.tags, ', ') }}",
  "${{ format('{0}/{1}-{2}.json', inputs.prefix, item.name, execution.index) }}",
  "${{ item.meta.author.name || inputs.author || 'unknown' }}",
  'https://example.com/${{ inputs.prefix }}/${{ item.id }}?page=${{ execution.index }}',
  '${{ item.pages[0].text }}',
  "${{ startsWith(cluster.identifier, 'aikin/') && !item.done }}",
  '${{ execution.attempt <= 3 }}',
  "${{ item.kind == 'pdf' && satellites.step-#.output.text || item.name }}",
  '${{ inputs.limit }}',
  'n=${{ item.size }} ok=${{ item.done }}',
] as const;

export const templates: readonly string[] = Array.from({ length: 1_000 }, (_, at) =>
  (SHAPES[at % SHAPES.length] ?? '').replaceAll('#', String(at % 40)),
);

const step = (at: number): Value => ({
  output: { text: `text of step ${at}`, 'file-path': `in/${at}.pdf`, 'file-name': `${at}.pdf`, size: at * 100 },
  error: { message: 'it broke', code: 'broken' },
  status: 'completed',
});

export const contexts: Readonly<Record<string, Value>> = {
  satellites: {
    ...Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`step-${at}`, step(at)])),
    'get-files-from-s3': step(41),
    move: { output: { 'file-uri': 's3://bucket/path' } },
  },
  secrets: { API_BEARER_TOKEN: 'token-of-some-length', AWS_ACCESS_KEY: 'access-key' },
  inputs: { limit: 1_000, prefix: 'reports', author: 'Ada' },
  cluster: { identifier: 'aikin/structured-pdfs', trigger: { type: 'cron', time: '2026-01-31T09:30:00Z' } },
  item: {
    id: 'f81d4fae-7dec',
    name: 'report-2026.pdf',
    kind: 'pdf',
    size: 1_500.5,
    done: false,
    tags: ['finance', 'quarterly', 'pdf'],
    meta: { author: null },
    pages: [{ text: 'first page' }, { text: 'second page' }, { text: 'third page' }],
  },
  execution: { index: 7, attempt: 1 },
};
