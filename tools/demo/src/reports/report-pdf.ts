import type { PDFFont, PDFPage } from 'pdf-lib';
import { PDFDocument, StandardFonts } from 'pdf-lib';
import type { QuarterlyReport } from './quarterly-report.ts';
import { reportSections } from './report-sections.ts';

/** A part of a page. */
export type Section =
  | { readonly kind: 'title' | 'heading' | 'paragraph'; readonly text: string }
  /** The first row is the header; all columns but the first are right-aligned. */
  | { readonly kind: 'table'; readonly rows: readonly (readonly string[])[] };

const margin = 56;
const width = 595;
const height = 842;
const sizes = { title: 22, heading: 14, paragraph: 10.5, table: 10 };

interface Pen {
  readonly page: PDFPage;
  readonly fonts: { readonly plain: PDFFont; readonly bold: PDFFont };
  y: number;
}

/** The report as a PDF with a text layer. The same report gives the same bytes. */
export async function reportPdf(report: QuarterlyReport): Promise<Uint8Array> {
  const document = await PDFDocument.create({ updateMetadata: false });
  const written = new Date(Date.UTC(Number(report.year), 11, 31));
  document.setTitle(`${report.company} ${report.quarter} ${report.year}`);
  document.setCreationDate(written);
  document.setModificationDate(written);
  const fonts = { plain: await document.embedFont(StandardFonts.Helvetica), bold: await document.embedFont(StandardFonts.HelveticaBold) };
  for (const [index, sections] of reportSections(report).entries()) {
    const pen = { page: document.addPage([width, height]), fonts, y: height - margin };
    for (const section of sections) draw(pen, section);
    pen.page.drawText(`${report.company} - ${index + 1}`, { x: margin, y: 30, size: 8, font: fonts.plain });
  }
  return document.save();
}

function draw(pen: Pen, section: Section): void {
  if (section.kind === 'table') {
    drawTable(pen, section.rows);
    return;
  }
  const size = sizes[section.kind];
  const font = section.kind === 'paragraph' ? pen.fonts.plain : pen.fonts.bold;
  pen.y -= section.kind === 'heading' ? 14 : 4;
  for (const line of wrapped(section.text, font, size)) {
    pen.y -= size * 1.3;
    pen.page.drawText(line, { x: margin, y: pen.y, size, font });
  }
  pen.y -= size * 0.6;
}

function drawTable(pen: Pen, rows: readonly (readonly string[])[]): void {
  const columns = Math.max(...rows.map((row) => row.length));
  const step = (width - 2 * margin - 150) / (columns - 1);
  for (const [index, row] of rows.entries()) {
    const font = index === 0 ? pen.fonts.bold : pen.fonts.plain;
    pen.y -= sizes.table * 1.6;
    for (const [column, text] of row.entries()) {
      const right = margin + 150 + column * step;
      const x = column === 0 ? margin : right - font.widthOfTextAtSize(text, sizes.table);
      pen.page.drawText(text, { x, y: pen.y, size: sizes.table, font });
    }
    if (index === 0) pen.page.drawLine({ start: { x: margin, y: pen.y - 4 }, end: { x: width - margin, y: pen.y - 4 }, thickness: 0.5 });
  }
  pen.y -= sizes.table;
}

function wrapped(text: string, font: PDFFont, size: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (font.widthOfTextAtSize(longer, size) <= width - 2 * margin) {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}
