import { expect, it } from 'vitest';
import { createLiveBlock } from './live-block.ts';
import type { Output } from './output.ts';

function terminal(columns: number, rows: number): { out: Output; screen: () => string[] } {
  const lines: string[] = [''];
  const write = (text: string): void => {
    // eslint-disable-next-line no-control-regex -- what a terminal is told
    for (const [part] of text.matchAll(/\u001b\[(\d+)A|\u001b\[0J|\n|[^\u001b\n]+/g)) {
      const up = /\[(\d+)A/.exec(part);
      if (up !== null) lines.splice(lines.length - 1 - Number(up[1]), Infinity, '');
      else if (part === '\n') lines.push('');
      else if (!part.startsWith('\u001b')) lines.push(`${lines.pop() ?? ''}${part}`);
    }
  };
  const nothing = (): void => undefined;
  const out: Output = {
    ...{ isLive: true, isJson: false, columns, rows, json: nothing, raw: nothing, paint: (_, text) => text },
    line: (text = '') => write(`${text}\n`),
    note: (text) => write(`${text}\n`),
    live: write,
  };
  return { out, screen: () => lines.slice(0, -1) };
}

it('draws over what it drew', () => {
  const { out, screen } = terminal(40, 20);
  const block = createLiveBlock(out);
  block.draw(['a 1', 'b 1', 'total 2']);
  block.draw(['a 2', 'total 3']);
  expect(screen()).toEqual(['a 2', 'total 3']);
  block.clear();
  expect(screen()).toEqual([]);
});

it('keeps notes above itself', () => {
  const { out, screen } = terminal(40, 20);
  const block = createLiveBlock(out);
  block.draw(['a 1']);
  block.note('something happened');
  block.draw(['a 2']);
  expect(screen()).toEqual(['something happened', 'a 2']);
});

it('never draws a line that would wrap, or more lines than there are', () => {
  const { out, screen } = terminal(10, 4);
  createLiveBlock(out).draw(['a line that is too long', 'b', 'c', 'd', 'e']);
  expect(screen()).toEqual(['a line t…', 'b', 'c']);
});
