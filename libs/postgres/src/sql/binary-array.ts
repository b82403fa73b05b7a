import { InternalError } from '@exosphere/model';

/**
 * Arrays in PostgreSQL's binary form, as parameters of `unnest`.
 *
 * Measured, 500 executions inserted and committed: node-pg's text arrays 5.3 to 5.5 ms, one JSON text with `json_to_recordset` 5.7 to
 * 6.0 ms, this 3.7 to 4.1 ms.
 */
export type BinaryArray = Buffer;

const headerSize = 20;
/** µs between 1970 and 2000, where PostgreSQL's times begin. */
const epochMicros = 946_684_800_000_000;

const oids = { bool: 16, int8: 20, int4: 23, text: 25, timestamptz: 1184, uuid: 2950 } as const;

export function int4Array(values: readonly (number | null)[]): BinaryArray {
  return fixedArray(values, { oid: oids.int4, size: 4, write: (buffer, value, at) => buffer.writeInt32BE(value, at) });
}

export function int8Array(values: readonly (number | null)[]): BinaryArray {
  return fixedArray(values, { oid: oids.int8, size: 8, write: writeInt8 });
}

export function boolArray(values: readonly (boolean | null)[]): BinaryArray {
  return fixedArray(values, { oid: oids.bool, size: 1, write: (buffer, value, at) => buffer.writeUInt8(value ? 1 : 0, at) });
}

/** @param values ms since 1970 */
export function timeArray(values: readonly (number | null)[]): BinaryArray {
  const write = (buffer: Buffer, value: number, at: number): number => writeInt8(buffer, Math.round(value * 1000) - epochMicros, at);
  return fixedArray(values, { oid: oids.timestamptz, size: 8, write });
}

export function uuidArray(values: readonly string[]): BinaryArray {
  let last = '';
  let lastAt = -1;
  const write = (buffer: Buffer, value: string, at: number): number => {
    if (value === last) buffer.copy(buffer, at, lastAt, lastAt + 16);
    else if (buffer.write(value.replaceAll('-', ''), at, 16, 'hex') !== 16) throw new InternalError(`'${value}' is no uuid`);
    last = value;
    lastAt = at;
    return at;
  };
  return fixedArray(values, { oid: oids.uuid, size: 16, write });
}

export function textArray(values: readonly (string | null)[]): BinaryArray {
  let size = headerSize + values.length * 4;
  // At most three bytes a UTF-16 unit: exact lengths cost a pass of their own.
  for (const value of values) if (value !== null) size += value.length * 3;
  const buffer = Buffer.allocUnsafe(size);
  let at = writeHeader(buffer, oids.text, values);
  for (const value of values) {
    if (value === null) {
      at = buffer.writeInt32BE(-1, at);
      continue;
    }
    const length = buffer.write(value, at + 4, 'utf8');
    at = buffer.writeInt32BE(length, at) + length;
  }
  return buffer.subarray(0, at);
}

interface Fixed<T> {
  readonly oid: number;
  readonly size: number;
  readonly write: (buffer: Buffer, value: T, at: number) => number;
}

function fixedArray<T>(values: readonly (T | null)[], type: Fixed<T>): BinaryArray {
  const buffer = Buffer.allocUnsafe(headerSize + values.length * (4 + type.size));
  let at = writeHeader(buffer, type.oid, values);
  for (const value of values) {
    if (value === null) {
      at = buffer.writeInt32BE(-1, at);
      continue;
    }
    at = buffer.writeInt32BE(type.size, at);
    type.write(buffer, value, at);
    at += type.size;
  }
  return buffer.subarray(0, at);
}

function writeHeader(buffer: Buffer, oid: number, values: readonly unknown[]): number {
  if (values.length === 0) {
    buffer.writeInt32BE(0, 0);
    buffer.writeInt32BE(0, 4);
    return buffer.writeUInt32BE(oid, 8);
  }
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  buffer.writeUInt32BE(oid, 8);
  buffer.writeInt32BE(values.length, 12);
  return buffer.writeInt32BE(1, 16);
}

function writeInt8(buffer: Buffer, value: number, at: number): number {
  const high = Math.floor(value / 4_294_967_296);
  buffer.writeInt32BE(high, at);
  return buffer.writeUInt32BE(value - high * 4_294_967_296, at + 4);
}
