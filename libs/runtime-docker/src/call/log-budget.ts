import type { JsonObject } from '@exosphere/model';
import type { SatelliteLog } from '@exosphere/ports';
import type { NoiseLine } from '../container/noise.ts';
import type { SaidLog } from '../protocol/answer.ts';
import { plainText } from '../stream/plain-text.ts';

const mostRecords = 1_000;
const mostCharacters = 512 * 1024;

/** The log records of one request, up to 1,000 and 512 KiB; a last one says how many were left out. */
export class LogBudget {
  readonly #onRecord: (record: SatelliteLog) => void;
  #records = 0;
  #characters = 0;
  #leftOut = 0;

  constructor(onRecord: (record: SatelliteLog) => void) {
    this.#onRecord = onRecord;
  }

  said({ time, level, message, fields }: SaidLog): void {
    if (this.#isFull()) return;
    this.#add({ time: time ?? new Date().toISOString(), level, message: plainText(message), fields });
  }

  /** A line that is no answer: `stdout` is not for that, so it counts as a warning. */
  noise({ source, text }: NoiseLine, isShared: boolean): void {
    if (this.#isFull()) return;
    const fields: JsonObject = isShared ? { stream: source, shared: true } : { stream: source };
    const message = plainText(text);
    if (message.trim() === '') return;
    this.#add({ time: new Date().toISOString(), level: source === 'stdout' ? 'warn' : 'info', message, fields });
  }

  /** The request is over. */
  end(): void {
    if (this.#leftOut === 0) return;
    const message = `${this.#leftOut} more log records were left out: an attempt keeps ${mostRecords} records and 512 KiB`;
    this.#onRecord({ time: new Date().toISOString(), level: 'warn', message, fields: {} });
    this.#leftOut = 0;
  }

  /** Looked at first: a flood of lines costs little then. */
  #isFull(): boolean {
    if (this.#records < mostRecords && this.#characters < mostCharacters) return false;
    this.#leftOut += 1;
    return true;
  }

  #add(record: SatelliteLog): void {
    const size = record.message.length + JSON.stringify(record.fields).length;
    if (this.#records >= mostRecords || this.#characters + size > mostCharacters) {
      this.#leftOut += 1;
      return;
    }
    this.#records += 1;
    this.#characters += size;
    this.#onRecord(record);
  }
}
