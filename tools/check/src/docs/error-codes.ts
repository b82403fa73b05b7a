import ts from 'typescript';
import type { Problem, TextFile } from './problem.ts';

const code = /^([a-z][a-z0-9]*(-[a-z0-9]+)*|[A-Z][A-Z0-9]*(_[A-Z0-9]+)+)$/;
const row = /^\|\s*`([^`]+)`\s*\|/;

/** A code with the place where it stands. */
export interface CodeUse {
  readonly code: string;
  readonly file: string;
  readonly line: number;
}

/** Compares the codes in the source with the tables of docs/errors.md, both ways: each has a row, and each row is still true. */
export function undocumentedCodes(document: TextFile, sources: readonly TextFile[]): Problem[] {
  const uses = new Map<string, CodeUse>();
  for (const use of sources.flatMap(codesIn)) if (!uses.has(use.code)) uses.set(use.code, use);
  const documented = new Map<string, number>();
  const problems: Problem[] = [];
  for (const [index, content] of document.text.split('\n').entries()) {
    const [, listed] = row.exec(content) ?? [];
    if (listed === undefined) continue;
    const problem = (message: string): unknown => problems.push({ file: document.path, line: index + 1, message });
    if (documented.has(listed)) problem(`The code '${listed}' stands here twice.`);
    else if (!uses.has(listed)) problem(`No source has the code '${listed}': take the row out, or mend the name.`);
    documented.set(listed, index + 1);
  }
  for (const use of uses.values()) {
    if (!documented.has(use.code)) {
      problems.push({
        file: use.file,
        line: use.line,
        message: `The code '${use.code}' has no row in ${document.path}: say what it means and what to do.`,
      });
    }
  }
  return problems;
}

/**
 * The codes that a source can give: `code: '…'` in an object, the first argument of a new error and of `super`, the words of a type
 * whose name ends in `Code` or of a member named `code`, and the keys of a constant whose name ends in `Codes`.
 */
export function codesIn({ path, text }: TextFile): CodeUse[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: CodeUse[] = [];
  const take = (node: ts.Node | undefined): void => {
    if (!node) return;
    if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(take);
    if (ts.isUnionTypeNode(node)) node.types.forEach(take);
    if (ts.isAsExpression(node)) take(node.expression);
    if (ts.isObjectLiteralExpression(node)) node.properties.forEach((property) => take(property.name));
    const literal = ts.isLiteralTypeNode(node) ? node.literal : node;
    if (!ts.isStringLiteral(literal) || !code.test(literal.text)) return;
    found.push({ code: literal.text, file: path, line: source.getLineAndCharacterOfPosition(literal.getStart()).line + 1 });
  };
  const visit = (node: ts.Node): void => {
    take(codeOf(node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function codeOf(node: ts.Node): ts.Node | undefined {
  if (ts.isPropertyAssignment(node) && node.name.getText() === 'code') return node.initializer;
  if (ts.isPropertySignature(node) && node.name.getText() === 'code') return node.type;
  if (ts.isPropertyDeclaration(node) && node.name.getText() === 'code') return node.type ?? node.initializer;
  if (ts.isTypeAliasDeclaration(node) && node.name.text.endsWith('Code')) return node.type;
  if (ts.isVariableDeclaration(node) && node.name.getText().endsWith('Codes')) return node.initializer;
  if (ts.isNewExpression(node) && /(Error|Failure)$/.test(node.expression.getText())) return node.arguments?.[0];
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword) return node.arguments[0];
  return undefined;
}
