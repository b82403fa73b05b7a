import { expect, it } from 'vitest';
import { figuresInText } from './figures-in-text.ts';

const schema = {
  type: 'object',
  properties: {
    company: { type: 'string' },
    revenue: { type: 'number' },
    'net-income': { type: 'number' },
    'net-income-margin': { type: 'number' },
    loss: { type: 'number' },
  },
};

it('finds figures by their labels, in tables and after colons', () => {
  const text = `# Report\n\nCompany: Halden & Sons\n\nThe revenue rose.\n\n| Item | Q1 | Q2 |\n| --- | --- | --- |\n| Revenue | 1,234.5 | 9 |\n| Net income | 12 | 8 |\n| Net income margin | 1.0 % | |\n| Loss | (77) | |`;
  expect(figuresInText(text, schema)).toEqual({
    company: 'Halden & Sons',
    revenue: 1234.5,
    'net-income': 12,
    'net-income-margin': 1,
    loss: -77,
  });
});

it('leaves out what is not there, and numbers that are none', () => {
  expect(figuresInText('Revenue: see below\nNet income 5', schema)).toEqual({});
  expect(figuresInText('Revenue: 5', { type: 'object' })).toEqual({});
});
