/** A step whose items wait, and why. */
export interface Wait {
  readonly step: string;
  readonly reason: string;
}

/** Why a run does not move: what its steps wait for, and what is done meanwhile. */
export interface Standstill {
  /** A step's satellite is being opened. */
  doing(step: string, text: string): void;
  /** Everything there is to say now. */
  lines(waits: readonly Wait[], now: number): readonly string[];
  /** What was not said before, or is said again after a while. */
  news(waits: readonly Wait[], now: number): readonly string[];
}

/** What is being done is told every few seconds: when nothing was told for so long, it is over. */
const doingMs = 20_000;
/** The same, but for its numbers, is said again after so long. */
const againMs = 30_000;

interface Doing {
  readonly text: string;
  /** Null: not shown yet. */
  at: number | null;
}

export function createStandstill(): Standstill {
  const doings = new Map<string, Doing>();
  const said = new Map<string, number>();
  let waited: ReadonlySet<string> = new Set();
  const current = (now: number): readonly string[] => {
    const texts: string[] = [];
    for (const [step, doing] of doings) {
      doing.at ??= now;
      if (now - doing.at > doingMs) doings.delete(step);
      else texts.push(`${step}: ${doing.text}`);
    }
    return texts;
  };
  return {
    doing: (step, text) => void doings.set(step, { text, at: null }),
    lines: (waits, now) => [...waits.map(waitText), ...current(now)],
    news: (waits, now) => {
      const waiting = new Set(waits.map(waitText));
      const begun = [...waiting].filter((text) => !waited.has(text));
      const isOver = waited.size > 0 && waiting.size === 0;
      waited = waiting;
      const done = current(now).filter((text) => {
        const key = text.replace(/[0-9.]+/g, '#');
        const last = said.get(key);
        if (last !== undefined && now - last < againMs) return false;
        said.set(key, now);
        return true;
      });
      return [...begun, ...(isOver ? ['nothing waits any more'] : []), ...done];
    },
  };
}

function waitText({ step, reason }: Wait): string {
  return `${step} waits: ${reason}`;
}
