import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IsolateWorld } from './testing/isolate-world.ts';
import { callOpen, createIsolateWorld, objectsOf } from './testing/isolate-world.ts';

/** Walks everything that can be reached from a value: properties, getters' results, prototypes, constructors. */
const reachable = `
function reachable(root) {
  const seen = new Set(); const open = [[root, 'globalThis']]; const paths = [];
  const functionPrototypes = new Set([Function, (async () => {}).constructor, (function* () {}).constructor, (async function* () {}).constructor].map((type) => type.prototype));
  while (open.length > 0) {
    const [value, path] = open.pop();
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
    seen.add(value); paths.push(path);
    const prototype = Object.getPrototypeOf(value);
    if (typeof value === 'function') {
      let known = functionPrototypes.has(value);
      for (let up = prototype; up !== null; up = Object.getPrototypeOf(up)) known ||= functionPrototypes.has(up);
      if (!known) paths.push('FOREIGN ' + path);
      if (/\\[native code\\]/.test(Function.prototype.toString.call(value)) && /isolated|ivm|^Reference$|ExternalCopy/.test(value.name)) paths.push('HOST ' + path);
    }
    open.push([prototype, path + '.__proto__']);
    for (const key of Reflect.ownKeys(value)) {
      const found = Object.getOwnPropertyDescriptor(value, key);
      if ('value' in found) open.push([found.value, path + '.' + String(key)]);
      else { open.push([found.get, path + '.get ' + String(key)], [found.set, path + '.set ' + String(key)]); try { open.push([value[key], path + '.' + String(key)]); } catch {} }
    }
  }
  return paths;
}`;

describe('the boundary of a guest', () => {
  let world: IsolateWorld;
  beforeAll(() => {
    world = createIsolateWorld();
  });
  afterAll(() => world.close());

  const run = async (code: string, inputs: readonly (string | number | null)[] = [null]): Promise<unknown> => {
    const { end, replies } = await world.call(code, { inputs });
    expect(end).toEqual({ kind: 'done' });
    return objectsOf(replies[0]);
  };

  it('SBX-03: nothing of Node and nothing of the sandbox can be reached from its globals', async () => {
    const objects = (await run(`${reachable} return { run: () => [{ paths: reachable(globalThis) }] };`)) as [{ paths: string[] }];
    const { paths } = objects[0];
    expect(paths.length).toBeGreaterThan(700);
    expect(
      paths.filter((path) =>
        /FOREIGN|HOST|process|require|\bivm|isolated|Reference\b(?<!ReferenceError)|ExternalCopy|Callback\b/.test(path),
      ),
    ).toEqual([]);
  });

  it.each([
    ['process', 'typeof process'],
    ['require', 'typeof require'],
    ['module', 'typeof module'],
    ['Buffer', 'typeof Buffer'],
    ['global', 'typeof global'],
    ['process by the constructor of a function', 'typeof Function("return typeof process === \\"undefined\\" ? undefined : process")()'],
    ['process by the constructor of fetch', 'typeof fetch.constructor("return this")().process'],
    ['process by the constructor of a global of ours', 'typeof URL.constructor.constructor("return this")().process'],
    ['process by an argument of ours', 'typeof context.emit.constructor("return this")().process'],
    ['process by a secret', 'typeof request.secrets.constructor.constructor("return this")().process'],
    ['import()', 'await import("node:fs").then(() => "imported", () => "undefined")'],
  ])('SBX-03: there is no %s', async (_, expression) => {
    expect(await run(`return { run: async (request, context) => [{ found: ${expression} }] };`)).toEqual([{ found: 'undefined' }]);
  });

  it('SBX-03: errors of the host show neither its stack nor its classes', async () => {
    const objects = await run(`return { run: async (_, { files }) => {
      const errors = [];
      const grab = async (work) => { try { await work(); } catch (error) { errors.push(error); } };
      await grab(() => new URL('::'));
      await grab(() => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])));
      await grab(() => fetch('http://127.0.0.1:1/'));
      await grab(() => files.text({ file: 'sha256:nothing' }));
      await grab(() => crypto.subtle.digest('MD5', new Uint8Array(1)));
      await grab(() => crypto.getRandomValues(new Uint8Array(1e6)));
      return errors.map((error) => ({
        own: error instanceof Error && Object.getPrototypeOf(error.constructor.constructor) === Function.prototype,
        stack: error.stack,
        text: JSON.stringify(Object.fromEntries(Reflect.ownKeys(error).map((key) => [key, String(error[key])]))),
      }));
    } };`);
    expect(objects).toHaveLength(6);
    for (const { own, stack, text } of objects as { own: boolean; stack: string; text: string }[]) {
      expect(own).toBe(true);
      expect(`${stack}${text}`).not.toMatch(/node:|file:|node_modules|runtime-isolate|\.ts\b|undici/);
    }
  });

  it('SBX-03: a satellite that rewrites every builtin gets hold of nothing', async () => {
    const code = `
      const caught = []; let count = 0; let spying = true;
      const { apply } = Reflect;
      const spy = (holder, name) => {
        const original = Object.getOwnPropertyDescriptor(holder, name).value;
        if (typeof original !== 'function') return;
        const wrapped = function (...args) {
          if (spying) { spying = false; caught[count++] = this; for (let i = 0; i < args.length; i += 1) caught[count++] = args[i]; spying = true; }
          return apply(original, this, args);
        };
        try { holder[name] = wrapped; } catch {}
      };
      for (const type of [Array, Map, Set, WeakMap, Promise, String, Function, Object, RegExp, Uint8Array]) {
        for (const name of Object.getOwnPropertyNames(type.prototype)) if (name !== 'constructor') spy(type.prototype, name);
      }
      spy(JSON, 'parse'); spy(JSON, 'stringify');
      return { run: async () => {
        await new Promise((done) => setTimeout(done, 5));
        spying = false;
        let functions = 0; const foreign = [];
        for (let i = 0; i < count; i += 1) {
          if (typeof caught[i] !== 'function') continue;
          functions += 1;
          const world = caught[i].constructor('return typeof process + typeof require')();
          if (world !== 'undefinedundefined') foreign[foreign.length] = String(caught[i]);
        }
        return [{ functions: functions > 0, foreign }];
      } };`;
    expect(await run(code)).toEqual([{ functions: true, foreign: [] }]);
  });

  it.each([
    ['a thrown proxy', 'throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; }, has() { throw 3; } })', 'satellite-error'],
    ['a thrown null', 'throw null', 'satellite-error'],
    ['a thrown symbol', 'throw Symbol("x")', 'satellite-error'],
    ['a circular output', 'const a = {}; a.a = a; return [a]', 'output-invalid'],
    ['a bigint', 'return [{ n: 1n }]', 'output-invalid'],
    ['a symbol', 'return [{ n: Symbol("s") }]', 'output-invalid'],
    ['a function', 'return [{ n: () => 1 }]', 'output-invalid'],
    ['not a number', 'return [{ n: 0 / 0 }]', 'output-invalid'],
    ['a map', 'return [{ n: new Map([[1, 2]]) }]', 'output-invalid'],
    ['a forgotten await', 'return [{ n: Promise.resolve(1) }]', 'output-invalid'],
    ['bytes', 'return [{ n: new Uint8Array(3) }]', 'output-invalid'],
    ['a hole in a list', 'return [{ n: [1, , 2] }]', 'output-invalid'],
    ['a proxy that throws', 'return [new Proxy({}, { ownKeys() { throw new TypeError("no"); } })]', 'satellite-error'],
    [
      'a proxy that lies',
      'let n = 0; return [new Proxy({}, { ownKeys: () => ["a"], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }), get: (_, key) => key === "a" && ++n > 1 ? 10n : undefined })]',
      'output-invalid',
    ],
    ['an entry that becomes a text', 'return [new Date(0)]', 'output-invalid'],
    ['depth that would break a parser', 'let a = {}; for (let i = 0; i < 1e5; i += 1) a = { a }; return [a]', 'output-invalid'],
  ])('SBX-05: %s is a typed error', async (_, work, code) => {
    const { end, replies } = await world.call(`return { run: async () => { ${work}; } };`);
    expect(end).toEqual({ kind: 'done' });
    expect(replies[0]).toMatchObject({ kind: 'error', error: { code } });
  });

  it('SBX-05: an object of more than 64 MiB is an error that says so and is not retried', async () => {
    const big = { runtime: { isolate: { memory: '1GiB' } } };
    const { replies } = await world.call('return { run: () => [{ a: "x".repeat(68 * 1024 * 1024) }] };', {}, { manifest: big });
    expect(replies[0]).toMatchObject({ kind: 'error', error: { code: 'output-too-large', retryable: false } });
  });

  it('SBX-05: a list of 100 MB in objects that are small enough comes through', { timeout: 60_000 }, async () => {
    const big = { runtime: { isolate: { memory: '1GiB' } } };
    const { replies } = await world.call(
      'return { run: () => Array.from({ length: 100 }, (_, n) => ({ n, a: "x".repeat(1e6) })) };',
      {},
      { manifest: big },
    );
    const objects = objectsOf(replies[0]) as { n: number; a: string }[];
    expect(objects.map(({ n }) => n)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(objects[99]?.a.length).toBe(1e6);
  });

  it('SBX-05: a million log records are cut with a mark', async () => {
    const { logs } = await world.call(
      'return { run: (_, { log }) => { for (let i = 0; i < 1e6; i += 1) log.info("line " + i); return []; } };',
    );
    expect(logs.length).toBe(1_001);
    expect(logs.at(-1)).toMatchObject({ level: 'warn', fields: { 'left-out': 999_000 } });
  });

  it('SBX-05: long log records are cut with a mark', async () => {
    const { logs } = await world.call('return { run: (_, { log }) => { log.info("x".repeat(1e7)); log.info("short"); return []; } };');
    expect(logs.map(({ message }) => message)).toEqual(['short', expect.stringContaining('1 more log records were left out')]);
  });

  it('SBX-09: has clocks, chance and Intl, and no network that its manifest does not name', async () => {
    const objects = await run(`return { run: async () => [{
      time: Math.abs(Date.now() - new Date().getTime()) < 1000,
      chance: Math.random() !== Math.random(),
      money: new Intl.NumberFormat('de-DE', { style: 'currency', currency: 'EUR' }).format(1234.5),
      refused: await fetch('https://example.com/').then(() => 'reached', (error) => error.message),
    }] };`);
    expect(objects).toEqual([
      {
        time: true,
        chance: true,
        money: '1.234,50\u00a0€',
        refused: "'example.com' may not be reached: the manifest allows no network (network.allow).",
      },
    ]);
  });

  it('SBX-10: bundles are source text: compiled data, snapshots and binary modules have no way in', async () => {
    const open = await world.open('return { run: () => [] };');
    expect(Object.keys(open).filter((key) => /cache|snapshot/i.test(key))).toEqual([]);
    const told = await world.call('\0\x01\x02 not a script');
    expect(told.end).toMatchObject({ kind: 'lost', reason: 'crash', message: expect.stringContaining('Invalid or unexpected token') });
    await open.close();
  });

  it('contexts of two runs share nothing', async () => {
    const code =
      'return { run: () => { globalThis.count = (globalThis.count ?? 0) + 1; Object.prototype.leak ??= 0; return [{ count }]; } };';
    const first = await world.open(code, { run: 'one' });
    expect(objectsOf((await callOpen(first)).replies[0])).toEqual([{ count: 1 }]);
    expect(objectsOf((await callOpen(first)).replies[0])).toEqual([{ count: 2 }]);
    await first.close();
    const second = await world.open(code, { run: 'two' });
    expect(objectsOf((await callOpen(second)).replies[0])).toEqual([{ count: 1 }]);
    await second.close();
  });

  it('fresh: execution gives each request a context of its own', async () => {
    const code = 'return { run: () => { globalThis.count = (globalThis.count ?? 0) + 1; return [{ count }]; } };';
    const open = await world.open(code, { fresh: 'execution' });
    const { replies } = await callOpen(open, { inputs: Array.from({ length: 20 }, (_, n) => n) });
    expect(replies.map(objectsOf)).toEqual(Array.from({ length: 20 }, () => [{ count: 1 }]));
    await open.close();
  });

  it('console writes log records of the request that called it, also after it waited', async () => {
    const code = `return { run: async ({ input }) => {
      console.log('begin', { input });
      await new Promise((done) => setTimeout(done, 10 * input));
      console.warn('end', input);
      return [];
    } };`;
    const { logs } = await world.call(code, { inputs: [3, 1, 2] });
    expect(logs.map(({ index, level, message }) => [index, level, message])).toEqual([
      [0, 'info', 'begin {"input":3}'],
      [1, 'info', 'begin {"input":1}'],
      [2, 'info', 'begin {"input":2}'],
      [1, 'warn', 'end 1'],
      [2, 'warn', 'end 2'],
      [0, 'warn', 'end 3'],
    ]);
  });

  it.each([
    [
      'throws when it is loaded',
      'throw new ReferenceError("process is not defined");',
      'The satellite cannot be loaded: ReferenceError: process is not defined',
    ],
    ['exports nothing', 'return undefined;', 'has no function `run`'],
  ])('a satellite that %s gives an error that is not retried', async (_, code, message) => {
    const { replies } = await world.call(code, { inputs: [1, 2] });
    for (const reply of replies) {
      expect(reply).toMatchObject({
        kind: 'error',
        error: { code: 'satellite-invalid', retryable: false, message: expect.stringContaining(message) },
      });
    }
  });
});
