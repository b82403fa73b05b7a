import type { FileValue } from '@exosphere/satellite';
import { createTestFiles, testSatellite } from '@exosphere/satellite/testing';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PDFDocument, StandardFonts } from 'pdf-lib';
import { describe, expect, it } from 'vitest';
import parsePdf from './index.ts';

async function pdf(draw: (document: PDFDocument) => Promise<void> | void): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  await draw(document);
  return document.save();
}

async function report(document: PDFDocument): Promise<void> {
  const font = await document.embedFont(StandardFonts.TimesRoman);
  document.setTitle('A report');
  const first = document.addPage([595, 842]);
  first.drawText('Overview', { x: 50, y: 780, size: 24, font });
  first.drawText('Everything went well — as usual, für alle.', { x: 50, y: 740, size: 11, font });
  const second = document.addPage([595, 842]);
  for (const [row, cells] of [
    ['Item', 'Amount'],
    ['Revenue', '1,000'],
  ].entries()) {
    for (const [column, text] of cells.entries()) second.drawText(text, { x: 50 + column * 200, y: 700 - row * 16, size: 11, font });
  }
}

async function parse(content: Uint8Array, config: object = {}) {
  const files = createTestFiles();
  const file: FileValue = await files.write('report.pdf', 'application/pdf', content);
  return testSatellite(parsePdf, { config, input: { file }, files });
}

describe('parse-pdf', () => {
  it('reads the text layer of all pages as Markdown', async () => {
    expect(await parse(await pdf(report))).toMatchObject({
      error: null,
      objects: [
        {
          markdown: '# Overview\n\nEverything went well — as usual, für alle.\n\n| Item | Amount |\n| --- | --- |\n| Revenue | 1,000 |',
          pages: 2,
          title: 'A report',
        },
      ],
    });
  });

  it('reads it as text', async () => {
    const { objects } = await parse(await pdf(report), { 'output-format': 'text' });
    expect(objects[0]?.['markdown']).toBe('Overview\n\nEverything went well — as usual, für alle.\n\nItem\tAmount\nRevenue\t1,000');
  });

  it('reads it as the blocks of each page', async () => {
    const { objects } = await parse(await pdf(report), { 'output-format': 'json' });
    expect(objects[0]?.['document']).toEqual({
      pages: [
        {
          number: 1,
          blocks: [
            { kind: 'heading', level: 1, text: 'Overview' },
            { kind: 'paragraph', text: 'Everything went well — as usual, für alle.' },
          ],
        },
        {
          number: 2,
          blocks: [
            {
              kind: 'table',
              rows: [
                ['Item', 'Amount'],
                ['Revenue', '1,000'],
              ],
            },
          ],
        },
      ],
    });
  });

  it.each([
    ['text that is no PDF', async () => new TextEncoder().encode('hello, this is no PDF')],
    ['nothing', async () => new Uint8Array()],
    ['the beginning of a PDF', async () => (await pdf(report)).slice(0, 400)],
  ])('fails for good on %s, and names the file', async (_, content) => {
    const { error } = await parse(await content());
    expect(error).toMatchObject({ code: 'pdf-invalid', retryable: false, message: expect.stringContaining("'report.pdf'") });
  });

  it('fails for good on an encrypted file', async () => {
    const { error } = await parse(await readFile(join(import.meta.dirname, '../testdata/encrypted.pdf')));
    expect(error).toMatchObject({ code: 'pdf-encrypted', retryable: false });
  });

  it('says that a file has no text layer', async () => {
    const { error } = await parse(await pdf((document) => void document.addPage()));
    expect(error).toMatchObject({ code: 'pdf-without-text', retryable: false, message: expect.stringContaining('1 pages') });
  });

  it('refuses a file that does not fit into its memory', async () => {
    const file = { file: `sha256:${'0'.repeat(64)}`, name: 'huge.pdf', size: 40_000_000, 'content-type': 'application/pdf' };
    expect((await testSatellite(parsePdf, { config: {}, input: { file } })).error).toMatchObject({
      code: 'pdf-too-large',
      retryable: false,
    });
  });

  it('fails with the file that is not there', async () => {
    const file = { file: `sha256:${'0'.repeat(64)}`, name: 'gone.pdf', size: 1, 'content-type': 'application/pdf' };
    expect((await testSatellite(parsePdf, { config: {}, input: { file } })).error).toMatchObject({ code: 'blob-missing' });
  });
});
