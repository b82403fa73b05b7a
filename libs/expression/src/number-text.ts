import { trimBlanks } from './blank.ts';

const DECIMAL = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const HEX = /^0x0*([0-9a-fA-F]{1,8})$/;
const OCTAL = /^0o0*([0-7]{1,11})$/;
const INFINITE = /^([+-]?)infinity$/i;

/** The number that a text stands for: blank is 0, what is no number is NaN. Hex and octal are 32-bit integers, as in GitHub. */
export function parseNumber(text: string): number {
  const trimmed = trimBlanks(text);
  if (trimmed === '') return 0;
  if (DECIMAL.test(trimmed)) return Number(trimmed);
  const infinite = INFINITE.exec(trimmed);
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity;
  return parseInteger32(trimmed);
}

function parseInteger32(text: string): number {
  const hex = HEX.exec(text);
  if (hex) return parseInt(hex[1] ?? '', 16) | 0;
  const octal = OCTAL.exec(text);
  const wide = octal ? parseInt(octal[1] ?? '', 8) : NaN;
  return wide <= 0xffffffff ? wide | 0 : NaN;
}

/** The text of a number as GitHub prints it, .NET's G15: at most 15 significant digits, `1E+15`, `1E-05`, `-0` is `0`. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value === 0 ? '0' : String(value);
  if (!Number.isFinite(value)) return String(value);
  const shortest = String(value);
  // The digits that tell a double from every other one, where no more than 15 are needed, are those that G15 gives
  if (shortest.length <= 16 && Math.abs(value) >= 1e-4 && Math.abs(value) < 1e15) return shortest;
  const [mantissa = '', exponentText = '0'] = value.toExponential(14).split('e');
  const exponent = Number(exponentText);
  const sign = value < 0 ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '').replace(/0+$/, '');
  return sign + (exponent > -5 && exponent < 15 ? fixed(digits, exponent) : scientific(digits, exponent));
}

function fixed(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

function scientific(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits.slice(0, 1)}${fraction}E${exponent < 0 ? '-' : '+'}${size}`;
}
