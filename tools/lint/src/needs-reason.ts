import type { Rule } from 'eslint';

type Reportable = Parameters<Rule.RuleContext['report']>[0] extends infer Report ? Extract<Report, { node: unknown }>['node'] : never;

/**
 * `any`, `!` and `as` switch the compiler off, so each says why: in a comment on its line or on the line above.
 * `as const` switches nothing off.
 */
export const needsReason: Rule.RuleModule = {
  meta: {
    type: 'suggestion',
    docs: { description: 'require a comment beside `any`, `!` and `as`' },
    schema: [],
    messages: { missing: "'{{what}}' switches the compiler off here: say why in a comment on this line, or do without it." },
  },
  create(context) {
    const commented = new Set<number>();
    for (const comment of context.sourceCode.getAllComments()) {
      if (!comment.loc) continue;
      for (let line = comment.loc.start.line; line <= comment.loc.end.line; line += 1) commented.add(line);
    }
    const report = (node: Reportable, what: string): void => {
      const { loc } = node;
      if (!loc || commented.has(loc.start.line - 1)) return;
      for (let line = loc.start.line; line <= loc.end.line; line += 1) if (commented.has(line)) return;
      context.report({ node, messageId: 'missing', data: { what } });
    };
    return {
      TSAnyKeyword: (node: Reportable) => {
        report(node, 'any');
      },
      TSNonNullExpression: (node: Reportable) => {
        report(node, '!');
      },
      'TSAsExpression:not([typeAnnotation.typeName.name="const"])': (node: Reportable) => {
        report(node, 'as');
      },
    };
  },
};
