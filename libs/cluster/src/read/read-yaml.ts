import type { YAMLError } from 'yaml';
import { parseDocument } from 'yaml';
import { buildSource } from './build-source.ts';
import { isReadable } from './check-text.ts';
import { positionsIn } from './positions.ts';
import type { Report } from './report.ts';
import { createReport } from './report.ts';
import type { SourceNode } from './source-node.ts';

/** A text as a tree with places, and where its problems are collected. `root` is null where it cannot be read. */
export interface YamlReading {
  readonly root: SourceNode | null;
  readonly report: Report;
  /** The text without a byte order mark: offsets count in it. */
  readonly text: string;
}

/**
 * Reads YAML 1.2 (core schema) or JSON, which is a part of it, within the limits of spec 1.3. Whatever would lose data is an error:
 * keys given twice, tags that are not of the core schema, several documents.
 */
export function readYaml(given: string, file: string | null): YamlReading {
  const text = given.startsWith('\ufeff') ? given.slice(1) : given;
  const report = createReport(file, positionsIn(text));
  return { root: isReadable(text, report) ? parse(text, report) : null, report, text };
}

function parse(text: string, report: Report): SourceNode | null {
  const document = parseDocument(text, {
    schema: 'core',
    merge: false, // merge keys are resolved by buildSource, within its limits
    strict: true,
    uniqueKeys: false, // the check of the yaml package is quadratic; buildSource has its own
    intAsBigInt: true,
    prettyErrors: false,
    resolveKnownTags: false, // !!binary, !!set and the like are no JSON
    logLevel: 'error', // 'silent' would let a second document pass
  });
  for (const fault of [...document.errors, ...document.warnings])
    report.error(codeOf(fault), { start: fault.pos[0], at: '' }, messageOf(fault));
  if (report.errorCount() > 0) return null;
  if (document.contents === null) {
    report.error('empty-file', { start: 0, at: '' }, 'The file is empty. It needs the keys version and cluster.');
    return null;
  }
  const root = buildSource(document.contents, report);
  return report.errorCount() > 0 ? null : root;
}

function codeOf(fault: YAMLError): 'yaml-tag' | 'several-documents' | 'yaml-syntax' {
  if (fault.code === 'TAG_RESOLVE_FAILED') return 'yaml-tag';
  return fault.code === 'MULTIPLE_DOCS' ? 'several-documents' : 'yaml-syntax';
}

function messageOf(fault: YAMLError): string {
  if (fault.code === 'TAG_RESOLVE_FAILED') return `${fault.message}: only the tags of YAML's core schema are read. Leave the tag out.`;
  if (fault.code === 'MULTIPLE_DOCS') return 'A second document begins here. A file has one: put the others into files of their own.';
  return `This is no YAML: ${fault.message}.`;
}
