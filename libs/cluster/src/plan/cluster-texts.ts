import type { TemplateNode } from '@exosphere/model';
import { checkPlainText } from '../check/check-plain-text.ts';
import { checkText } from '../check/check-template.ts';
import { viewSchema } from '../check/schema-view.ts';
import { shapeValue } from '../check/shape-value.ts';
import { newSpecimen } from '../check/shaping.ts';
import type { Viewer } from '../check/viewer.ts';
import type { Viewers } from '../check/viewers.ts';
import type { ClusterSource } from '../read/cluster-shape.ts';
import type { Report } from '../read/report.ts';
import type { Found } from '../read/shape.ts';

/** Checks the texts of the cluster itself: templates of a run, and texts that are taken as they stand. */
export function checkRunTexts(source: ClusterSource, viewers: Viewers, report: Report): void {
  checkTemplateText(source['run-name'], viewers.ofRun('The run-name'));
  const { concurrency } = source;
  const group = concurrency === undefined || typeof concurrency.value === 'string' ? concurrency : concurrency.value.group;
  if (group !== undefined && typeof group.value === 'string')
    checkTemplateText({ ...group, value: group.value }, viewers.ofRun('The concurrency group'));
  for (const text of [source.title, source.description]) if (text !== undefined) checkPlainText(text.value, text, report);
  for (const record of [source.labels, source.vars])
    for (const value of record?.value.values() ?? []) checkPlainText(value.value, value, report);
}

function checkTemplateText(text: Found<string> | undefined, viewer: Viewer): void {
  if (text?.node.kind === 'scalar') checkText({ node: text.node, at: text.at }, text.value, viewer);
}

/** The templates of `outputs`. */
export function checkOutputs({ outputs }: ClusterSource, viewers: Viewers): Readonly<Record<string, TemplateNode>> {
  const viewer = viewers.ofOutputs();
  const shaped = [...(outputs?.value ?? [])].map(([name, { value, at }]) => {
    const spot = { at, pointer: '', view: viewSchema({}) };
    return [name, shapeValue(value, spot, { viewer, specimen: newSpecimen() }).node] as const;
  });
  return Object.fromEntries(shaped);
}
