import { SatelliteFailure } from '@exosphere/satellite';
import type { PDFDocumentProxy, PDFPageProxy } from 'unpdf/pdfjs';
import { getDocument } from 'unpdf/pdfjs';
import type { TextItem } from './text-line.ts';

/** What is read from a PDF. */
export interface PdfText {
  readonly title: string | null;
  /** The text of each page. */
  readonly pages: readonly (readonly TextItem[])[];
}

/**
 * Reads the text layer of a PDF.
 *
 * Fails, not retryable, with `pdf-invalid` or `pdf-encrypted`.
 */
export async function readPdf(bytes: Uint8Array, name: string): Promise<PdfText> {
  const loading = getDocument({ data: bytes, verbosity: 0, useSystemFonts: true, disableFontFace: true, useWorkerFetch: false });
  try {
    const document = await loading.promise;
    const pages: (readonly TextItem[])[] = [];
    for (let number = 1; number <= document.numPages; number += 1) pages.push(await textOf(await document.getPage(number)));
    return { title: await titleOf(document), pages };
  } catch (cause) {
    throw failureOf(cause, name);
  } finally {
    await loading.destroy();
  }
}

async function textOf(page: PDFPageProxy): Promise<readonly TextItem[]> {
  const { items } = await page.getTextContent();
  page.cleanup();
  return items.flatMap((item) => {
    if (!('str' in item)) return [];
    const [a, b, , , x, y] = item.transform as number[]; // a matrix of six numbers
    const isUpright = Math.abs(b ?? 0) <= Math.abs(a ?? 0);
    return isUpright ? [{ text: item.str, x: x ?? 0, y: y ?? 0, width: item.width, height: item.height }] : [];
  });
}

async function titleOf(document: PDFDocumentProxy): Promise<string | null> {
  const { info } = await document.getMetadata();
  const { Title: title } = info as { Title?: unknown }; // what a file says of itself, checked here
  return typeof title === 'string' && title.trim() !== '' ? title.trim() : null;
}

function failureOf(cause: unknown, name: string): SatelliteFailure {
  const why = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof Error && cause.name === 'PasswordException') {
    return new SatelliteFailure(`'${name}' is encrypted and cannot be read without its password.`, {
      code: 'pdf-encrypted',
      retryable: false,
      cause,
    });
  }
  return new SatelliteFailure(`'${name}' is no PDF that can be read: ${why}`, { code: 'pdf-invalid', retryable: false, cause });
}
