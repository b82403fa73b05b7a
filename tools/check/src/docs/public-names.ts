import ts from 'typescript';
import type { Problem } from './problem.ts';

/** Names that a package exports without a doc comment. Of a type it is enough that its members are explained. */
export function undocumentedExports(root: string, entries: readonly string[]): Problem[] {
  const options: ts.CompilerOptions = {
    noEmit: true,
    allowImportingTsExtensions: true,
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2024,
    skipLibCheck: true,
    types: [],
  };
  const program = ts.createProgram({ rootNames: entries.map((entry) => `${root}/${entry}`), options });
  const checker = program.getTypeChecker();
  return entries.flatMap((entry) => {
    const source = program.getSourceFile(`${root}/${entry}`);
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) return [];
    return checker.getExportsOfModule(module).flatMap((name) => {
      const symbol = name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name;
      if (symbol.declarations === undefined || isExplained(symbol, checker)) return [];
      return [
        {
          ...place(root, symbol),
          message: `'${name.name}' is exported from ${entry} without a doc comment: say what it is, its units, its errors.`,
        },
      ];
    });
  });
}

function isExplained(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  if (symbol.getDocumentationComment(checker).length > 0) return true;
  if (!(symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias))) return false;
  const members = checker.getDeclaredTypeOfSymbol(symbol).getProperties();
  return members.some((member) => member.getDocumentationComment(checker).length > 0);
}

function place(root: string, symbol: ts.Symbol): { file: string; line: number } {
  const [declaration] = symbol.declarations ?? [];
  if (!declaration) return { file: '', line: 1 };
  const source = declaration.getSourceFile();
  return { file: source.fileName.slice(root.length + 1), line: source.getLineAndCharacterOfPosition(declaration.getStart()).line + 1 };
}
