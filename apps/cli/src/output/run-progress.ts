import type { RunDetail } from '@exosphere/ports';
import { createPace } from '../progress/pace.ts';
import type { StepProgress } from '../progress/expected-counts.ts';
import { endedOf } from '../progress/expected-counts.ts';
import { createLiveBlock } from './live-block.ts';
import type { Output } from './output.ts';
import { secondsText } from './seconds-text.ts';
import type { Wait } from './standstill.ts';
import { createStandstill } from './standstill.ts';
import { wrapText } from './wrap-text.ts';

/** Shows how a run goes: a block that lives on a terminal, else a line now and then. */
export interface RunProgress {
  show(detail: RunDetail, steps: readonly StepProgress[], now: number): void;
  /** What takes so long now: the image of a step is pulled. */
  readonly doing: (step: string, text: string) => void;
  note(text: string): void;
  end(): void;
}

const lineEveryMs = 5_000;

export function createRunProgress(out: Output): RunProgress {
  return out.isLive ? liveProgress(out) : plainProgress(out);
}

function liveProgress(out: Output): RunProgress {
  const block = createLiveBlock(out);
  const pace = createPace();
  const standstill = createStandstill();
  return {
    show: (detail, steps, now) => {
      pace.add(now, sumOf(steps, endedOf));
      const shown = steps.filter((step) => step.expected !== null || endedOf(step) > 0);
      const width = Math.max(...shown.map(({ step }) => step.plan.identifier.length));
      const why = standstill.lines(waitsOf(detail, steps), now).flatMap((text) => indented(text, out));
      block.draw([...shown.map((step) => stepLine(step, width, out)), totalLine(detail, steps, { now, rate: pace.rate() }), ...why]);
    },
    doing: (step, text) => standstill.doing(step, text),
    note: (text) => block.note(text),
    end: () => block.clear(),
  };
}

/** What steps wait for, by their names. */
function waitsOf({ waiting }: RunDetail, steps: readonly StepProgress[]): readonly Wait[] {
  return waiting.map(({ step: index, reason }) => {
    const known = steps.find(({ step }) => step.index === index);
    return { step: known?.step.plan.identifier ?? String(index), reason };
  });
}

function indented(text: string, out: Output): readonly string[] {
  return wrapText(text, out.columns - 6).map((line, index) => out.paint('yellow', `${index === 0 ? '  ' : '    '}${line}`));
}

function stepLine(progress: StepProgress, width: number, out: Output): string {
  const { step, expected, isOpen, grows, failed } = progress;
  const ended = endedOf(progress);
  const isDone = !isOpen && expected !== null;
  const mark = isDone ? (failed > 0 ? out.paint('yellow', '!') : out.paint('green', '✓')) : ended > 0 ? out.paint('cyan', '▸') : ' ';
  const of = expected === null ? '' : `/${expected}${grows ? '+' : ''}`;
  return `${mark} ${step.plan.identifier.padEnd(width)}  ${`${ended}${of}`.padStart(11)}  ${partsOf(progress, out)}`.trimEnd();
}

function partsOf(progress: StepProgress, out: Output): string {
  const parts = [
    progress.failed > 0 ? out.paint('red', `${progress.failed} failed`) : '',
    progress.continued > 0 ? out.paint('yellow', `${progress.continued} continued`) : '',
    progress.skipped > 0 ? `${progress.skipped} skipped` : '',
    progress.cancelled > 0 ? `${progress.cancelled} cancelled` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function totalLine(
  detail: RunDetail,
  steps: readonly StepProgress[],
  { now, rate }: { readonly now: number; readonly rate: number | null },
): string {
  const ended = sumOf(steps, endedOf);
  const left = sumOf(steps, (step) => Math.max(0, (step.expected ?? 0) - endedOf(step)));
  const waits = detail.queued ? 'waits for its concurrency group' : detail.run.control === 'paused' ? 'paused' : null;
  const parts = [
    `${ended} done, ${left} to come`,
    ...(rate === null ? [] : [`${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`]),
    ...(rate === null || rate === 0 || left === 0 ? [] : [`about ${secondsText(left / rate)} left`]),
    secondsText((now - detail.run.acceptedAt) / 1_000),
    ...(waits === null ? [] : [waits]),
  ];
  return `  ${parts.join(' · ')}`;
}

function plainProgress(out: Output): RunProgress {
  let last = '';
  let at: number | null = null;
  const pace = createPace();
  const standstill = createStandstill();
  return {
    show: (detail, steps, now) => {
      pace.add(now, sumOf(steps, endedOf));
      for (const text of standstill.news(waitsOf(detail, steps), now)) out.note(out.paint('yellow', text));
      at ??= now;
      if (now - at < lineEveryMs) return;
      at = now;
      const line = steps
        .filter((step) => endedOf(step) > 0)
        .map(
          (step) =>
            `${step.step.plan.identifier} ${endedOf(step)}${step.expected === null ? '' : `/${step.expected}`}${step.failed > 0 ? ` (${step.failed} failed)` : ''}`,
        )
        .join(', ');
      if (line === last) return;
      last = line;
      out.note(`${line}${totalLine(detail, [], { now, rate: pace.rate() }).replace(/^ *0 done, 0 to come/, '')}`);
    },
    doing: (step, text) => standstill.doing(step, text),
    note: (text) => out.note(text),
    end: () => undefined,
  };
}

function sumOf(steps: readonly StepProgress[], value: (step: StepProgress) => number): number {
  return steps.reduce((sum, step) => sum + value(step), 0);
}
