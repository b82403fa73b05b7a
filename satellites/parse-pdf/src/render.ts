import type { Block } from './block.ts';

/** Blocks as Markdown. */
export function markdownOf(blocks: readonly Block[]): string {
  return joinBlocks(blocks, (block) => {
    switch (block.kind) {
      case 'heading':
        return `${'#'.repeat(block.level)} ${block.text}`;
      case 'paragraph':
        return block.text;
      case 'list-item':
        return `- ${block.text}`;
      case 'table':
        return markdownTable(block.rows);
    }
  });
}

/** Blocks as text: cells are separated by tabs. */
export function plainTextOf(blocks: readonly Block[]): string {
  return joinBlocks(blocks, (block) => (block.kind === 'table' ? block.rows.map((row) => row.join('\t')).join('\n') : block.text));
}

function joinBlocks(blocks: readonly Block[], render: (block: Block) => string): string {
  return blocks
    .map((block, index) => {
      const before = blocks[index - 1];
      if (before === undefined) return render(block);
      const isList = before.kind === 'list-item' && block.kind === 'list-item';
      return `${isList ? '\n' : '\n\n'}${render(block)}`;
    })
    .join('');
}

function markdownTable(rows: readonly (readonly string[])[]): string {
  const [header = [], ...body] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...body.map(line)].join('\n');
}
