import type { FileValue } from '@exosphere/satellite';
import { defineSatellite, SatelliteFailure } from '@exosphere/satellite';
import { blocksOf, bodyHeight } from './blocks.ts';
import { readPdf } from './read-pdf.ts';
import { markdownOf, plainTextOf } from './render.ts';
import { linesOf } from './text-line.ts';

interface Config {
  readonly 'output-format'?: 'markdown-string' | 'markdown' | 'text' | 'json';
}

interface Input {
  readonly file: Pick<FileValue, 'file'> & Partial<FileValue>;
}

/** PDF.js wants the whole file in memory, some of it more than once; more files are read at a time. */
const largest = 32 * 2 ** 20;

export default defineSatellite<Config, Input>({
  async run({ config, input }, context) {
    const name = input.file.name ?? input.file.file;
    if ((input.file.size ?? 0) > largest) throw tooLarge(name);
    const { title, pages } = await readPdf(await context.files.bytes(input.file), name);
    const lines = pages.map(linesOf);
    const body = bodyHeight(lines.flat());
    const blocks = lines.map((page) => blocksOf(page, body));
    if (blocks.flat().length === 0) throw withoutText(name, pages.length);
    context.log.info(`read ${pages.length} pages`, { name });
    const format = config['output-format'] ?? 'markdown-string';
    return [
      {
        markdown: format === 'text' ? plainTextOf(blocks.flat()) : markdownOf(blocks.flat()),
        pages: pages.length,
        ...(title === null ? {} : { title }),
        ...(format === 'json' ? { document: { pages: blocks.map((page, index) => ({ number: index + 1, blocks: page })) } } : {}),
      },
    ];
  },
});

function tooLarge(name: string): SatelliteFailure {
  const message = `'${name}' is larger than the ${largest / 2 ** 20} MiB that this satellite reads.`;
  return new SatelliteFailure(message, { code: 'pdf-too-large', retryable: false });
}

function withoutText(name: string, pages: number): SatelliteFailure {
  const message = `'${name}' has ${pages} pages and no text layer: it is a scan, perhaps. A satellite that recognises text in images is needed.`;
  return new SatelliteFailure(message, { code: 'pdf-without-text', retryable: false });
}
