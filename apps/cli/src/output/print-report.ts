import type { ReportedFailure, ReportedStep, RunReport, ShownStatus } from '../progress/run-report.ts';
import type { Colour, Output } from './output.ts';
import { secondsText } from './seconds-text.ts';

const colours: Readonly<Record<ShownStatus, Colour>> = {
  pending: 'dim',
  running: 'cyan',
  queued: 'dim',
  paused: 'yellow',
  interrupted: 'yellow',
  completed: 'green',
  partial: 'yellow',
  failed: 'red',
  cancelled: 'yellow',
};

/** A status in its colour. */
export function paintStatus(status: ShownStatus, out: Output): string {
  return out.paint(colours[status], status);
}

/** Prints what became of a run: its status and why, its steps, its failures, what to do next. */
export function printReport(report: RunReport, out: Output): void {
  const { cluster, number, status, reason, seconds, environment } = report;
  const time = seconds === null ? '' : ` in ${secondsText(seconds)}`;
  out.line(`${out.paint('bold', `${cluster} #${number}`)} ${paintStatus(status, out)}${time}${reason === null ? '' : `: ${reason}`}`);
  out.line(`  run          ${report.run}${report.round > 1 ? `, round ${report.round}` : ''}`);
  if (environment !== null) out.line(`  environment  ${out.paint('yellow', environment)}`);
  if (report.origin !== null) out.line(`  origin       ${report.origin}`);
  if (report.late) out.line(`  ${out.paint('yellow', 'late')}         the deadline was ${report.deadline}`);
  if (report.logs !== 'none') out.line(`  logs         ${report.logs}`);
  const held = report.status === 'interrupted' ? '' : `, of which ${report.held} in the hands of a worker`;
  if (report.open > 0) out.line(`  open         ${report.open}${held}`);
  for (const { step, reason } of report.waiting) out.line(`  ${out.paint('yellow', 'waiting')}      ${step}: ${reason}`);
  printSteps(report.steps, out);
  printFailures(report, out);
  if (report.missed.length > 0) out.line(`\nmissed by a collect: ${report.missed.join(', ')}`);
  const next = nextSteps(report);
  if (next.length > 0) out.line();
  for (const line of next) out.line(out.paint('dim', line));
}

function printSteps(steps: readonly ReportedStep[], out: Output): void {
  const kinds = ['completed', 'failed', 'skipped', 'cancelled'] as const;
  const shown = steps.filter((step) => step.section === 'satellites' || kinds.some((kind) => step[kind] > 0));
  const width = Math.max(4, ...shown.map(({ step }) => step.length));
  out.line();
  out.line(out.paint('dim', `  ${'step'.padEnd(width)}  ${kinds.map((kind) => kind.padStart(9)).join('  ')}`));
  for (const step of shown) {
    const cells = kinds.map((kind) => {
      const text = String(step[kind] === 0 ? '·' : step[kind]).padStart(9);
      return kind === 'failed' && step.failed > 0 ? out.paint('red', text) : text;
    });
    const notes = [step.section === 'failure' ? 'on failure' : '', step.continued > 0 ? `${step.continued} continued after an error` : ''];
    const note = notes.filter((text) => text !== '').join(', ');
    out.line(`  ${step.step.padEnd(width)}  ${cells.join('  ')}${note === '' ? '' : `  ${out.paint('dim', note)}`}`);
  }
}

function printFailures({ failures, moreFailures, run }: RunReport, out: Output): void {
  if (failures.length === 0) return;
  out.line();
  out.line(out.paint('bold', 'failures'));
  for (const failure of failures) printFailure(failure, out);
  if (moreFailures) out.line(`  … and more: exo runs export-failed ${run}`);
}

function printFailure({ step, code, message, count, executions }: ReportedFailure, out: Output): void {
  const [first = '', ...rest] = message.split('\n');
  out.line(`  ${out.paint('red', `${count} ×`)} ${step} ${out.paint('dim', `[${code}]`)} ${first}`);
  for (const line of rest.slice(0, 10)) out.line(`      ${line}`);
  out.line(out.paint('dim', `      ${executions.join(', ')}${count > executions.length ? ` and ${count - executions.length} more` : ''}`));
}

function nextSteps({ status, run, failures, waiting }: RunReport): readonly string[] {
  switch (status) {
    case 'interrupted':
      return [`go on:  exo run --resume ${run}`, `end it: exo runs cancel ${run}`];
    case 'paused':
      return [`go on:  exo runs resume ${run}`];
    case 'partial':
    case 'failed':
    case 'cancelled':
      return [
        `retry what failed:  exo runs retry ${run}`,
        ...(failures.length > 0 ? [`look at the items:  exo runs export-failed ${run}`] : []),
        `read what happened: exo runs logs ${run}`,
      ];
    case 'pending':
    case 'running':
      return waiting.length === 0 ? [] : ['look at this machine: exo doctor', `end the run:          exo runs cancel ${run}`];
    case 'queued':
    case 'completed':
      return [];
  }
}
