import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestProject } from '../testing/project.ts';
import { createTestProject } from '../testing/project.ts';

let project: TestProject;
beforeAll(async () => {
  project = await createTestProject({ 'item.json': '{"size": 3}' });
});
afterAll(() => project.remove());

describe('exo eval', () => {
  it('prints the value of an expression', async () => {
    const { code, stdout } = await project.exo(['eval', "item.size > 2 && 'large' || 'small'", '--context', 'item=@item.json']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'large\n' });
  });

  it('evaluates a template', async () => {
    const { stdout } = await project.exo(['eval', '--template', 'size: ${{ item.size }}', '-c', 'item={"size": 3}']);
    expect(stdout).toBe('size: 3\n');
  });

  it('says what is wrong with an expression, and where', async () => {
    const { code, stderr } = await project.exo(['eval', '1 =2']);
    expect(code).toBe(2);
    expect(stderr).toContain("Unexpected symbol: '=2'. Located at position 3 within expression: 1 =2");
  });

  it('answers each line of standard input in order, whatever the lines hold', async () => {
    const lines = [
      { expr: '1 + 1' },
      { expr: 'foo.bar', contexts: { foo: { bar: [1, 'a'] } } },
      { expr: '1 =2' },
      { expr: 'unknown.x', contexts: {} },
      { expr: "fromJSON('{')" },
      { expr: "{'2': 1, '1': 'x'}" },
      { expr: 'NaN' },
      { contexts: {} },
      { expr: "jsonpath(a, '$.b[*]')", contexts: { a: { b: [1, 2] } } },
    ];
    const input = `${lines.map((line) => JSON.stringify(line)).join('\n')}\nno json\n\n{"expr": "'last'"}`;
    const { code, stdout } = await project.exo(['eval', '--stdin'], { input });
    const answers = stdout.trim().split('\n');
    expect(code).toBe(0);
    expect(answers.slice(0, 4).map((answer) => JSON.parse(answer) as unknown)).toEqual([
      { kind: 'number', value: 2 },
      { kind: 'array', value: [1, 'a'] },
      { error: { phase: 'lexing', message: "Unexpected symbol: '=2'. Located at position 3 within expression: 1 =2" } },
      { error: { phase: 'parsing', message: expect.stringContaining("Unrecognized named-value: 'unknown'") as string } },
    ]);
    expect(JSON.parse(answers[4] ?? '')).toMatchObject({ error: { phase: 'evaluation' } });
    expect(answers[5]).toBe('{"kind":"object","value":{"2":1,"1":"x"}}');
    expect(answers[6]).toBe('{"kind":"number","value":"NaN"}');
    expect(JSON.parse(answers[7] ?? '')).toMatchObject({ error: { phase: 'input' } });
    expect(JSON.parse(answers[8] ?? '')).toEqual({ kind: 'array', value: [1, 2] });
    expect(JSON.parse(answers[9] ?? '')).toMatchObject({ error: { phase: 'input' } });
    expect(JSON.parse(answers[10] ?? '')).toMatchObject({ error: { phase: 'input' } });
    expect(JSON.parse(answers[11] ?? '')).toEqual({ kind: 'string', value: 'last' });
    expect(answers).toHaveLength(12);
  });

  it('answers 20,000 lines without holding them all', async () => {
    const input = Array.from({ length: 20_000 }, (_, i) => JSON.stringify({ expr: `n + ${i}`, contexts: { n: 1 } })).join('\n');
    const { stdout } = await project.exo(['eval', '--stdin'], { input });
    const answers = stdout.trim().split('\n');
    expect(answers).toHaveLength(20_000);
    expect(answers.at(-1)).toBe('{"kind":"number","value":20000}');
  });
});

describe('the command line', () => {
  it.each([
    [['evall'], "There is no command 'evall'. Did you mean 'exo eval'?"],
    [['runs', 'shw'], "There is no command 'runs shw'. Did you mean 'exo runs show'?"],
    [['run', 'x.yml', '--inptu', 'a=1'], "There is no option '--inptu' here. Did you mean '--input'?"],
    [['validate'], "'exo validate' needs FILE"],
    [['validate', 'a', 'b'], "does not know what to do with 'b'"],
    [['validate', 'missing.yml'], "The file 'missing.yml' cannot be read: there is none."],
    [['runs', 'ls', '--status', 'done'], "There is no status 'done'"],
  ])('exo %j is refused with a hint', async (args, message) => {
    const { code, stderr } = await project.exo(args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it.each([[['--help']], [['help']], [[]], [['runs', '--help']], [['run', '--help']], [['help', 'runs', 'show']]])(
    'exo %j gives help',
    async (args) => {
      const { code, stdout, stderr } = await project.exo(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('exo');
    },
  );

  it('refuses a DATABASE_URL that is none', async () => {
    const { code, stderr } = await project.exo(['runs', 'ls'], { env: { DATABASE_URL: 'mysql://x' } });
    expect(stderr).toContain('DATABASE_URL is no address of a PostgreSQL');
    expect(code).toBe(2);
  });

  it('ends quietly when nobody reads on', async () => {
    const { code } = await project.exo(['--help'], {});
    expect(code).toBe(0);
  });

  it.each(['bash', 'zsh', 'fish'])('completes words in %s', async (shell) => {
    const { code, stdout } = await project.exo(['completion', shell]);
    expect(code).toBe(0);
    expect(stdout).toContain('validate');
    expect(stdout).toContain('export-failed');
  });
});
