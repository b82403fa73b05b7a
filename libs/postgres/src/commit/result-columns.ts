import type { AttemptRow, ChunkRow, ExecutionRow, LogChunkRow } from '@exosphere/ports';
import { int4Array, textArray, timeArray, uuidArray } from '../sql/binary-array.ts';
import type { Columns } from './row-columns.ts';
import { noColumns, pathText, sparse } from './row-columns.ts';

/** `e_…`: ended executions. */
export function executionColumns(rows: readonly ExecutionRow[]): Columns {
  if (rows.length === 0) return noColumns(18);
  return [
    uuidArray(rows.map((row) => row.run)),
    int4Array(rows.map((row) => row.step)),
    textArray(rows.map((row) => pathText(row.path))),
    int4Array(rows.map((row) => row.origin)),
    int4Array(rows.map((row) => row.keyRound)),
    textArray(rows.map((row) => row.status)),
    textArray(rows.map((row) => row.branch)),
    int4Array(rows.map((row) => row.round)),
    int4Array(rows.map((row) => row.attempts)),
    int4Array(rows.map((row) => row.retries)),
    sparse(
      rows.map((row) => row.startedAt),
      timeArray,
    ),
    timeArray(rows.map((row) => row.endedAt)),
    sparse(
      rows.map((row) => row.output),
      textArray,
    ),
    int4Array(rows.map((row) => row.objects)),
    sparse(
      rows.map((row) => row.error),
      textArray,
    ),
    sparse(
      rows.map((row) => row.metrics),
      textArray,
    ),
    sparse(
      rows.map((row) => row.note),
      textArray,
    ),
    sparse(
      rows.map((row) => (row.collected === null ? null : pathText(row.collected))),
      textArray,
    ),
  ];
}

/** `c_…`: chunks of lists. */
export function chunkColumns(rows: readonly ChunkRow[]): Columns {
  if (rows.length === 0) return noColumns(8);
  return [
    ...keyColumns(rows),
    int4Array(rows.map((row) => row.from)),
    int4Array(rows.map((row) => row.count)),
    textArray(rows.map((row) => row.objects)),
  ];
}

/** `a_…`: failed attempts. */
export function attemptColumns(rows: readonly AttemptRow[]): Columns {
  if (rows.length === 0) return noColumns(10);
  return [
    ...keyColumns(rows),
    int4Array(rows.map((row) => row.attempt)),
    int4Array(rows.map((row) => row.round)),
    timeArray(rows.map((row) => row.startedAt)),
    timeArray(rows.map((row) => row.endedAt)),
    textArray(rows.map((row) => row.error)),
  ];
}

/** `l_…`: log records. */
export function logColumns(rows: readonly LogChunkRow[]): Columns {
  if (rows.length === 0) return noColumns(3);
  return [uuidArray(rows.map((row) => row.run)), textArray(rows.map((row) => row.records)), int4Array(rows.map((row) => row.count))];
}

function keyColumns(rows: readonly (ChunkRow | AttemptRow)[]): Columns {
  return [
    uuidArray(rows.map((row) => row.run)),
    int4Array(rows.map((row) => row.step)),
    textArray(rows.map((row) => pathText(row.path))),
    int4Array(rows.map((row) => row.origin)),
    int4Array(rows.map((row) => row.keyRound)),
  ];
}
