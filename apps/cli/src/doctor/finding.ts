/** One thing that `exo doctor` looked at. */
export interface Finding {
  /** `node` */
  readonly what: string;
  /** `missing`: some clusters need it, not all. */
  readonly state: 'good' | 'missing' | 'bad';
  readonly found: string;
  /** What to do; null: nothing. */
  readonly advice: string | null;
}
