import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IsolateWorld } from './testing/isolate-world.ts';
import { createIsolateWorld, objectsOf } from './testing/isolate-world.ts';

const open = { manifest: { network: { allow: ['api.example.com'] } } };

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** What the server was asked, and how many of its answers were cut off by the other side. */
const seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
let aborted = 0;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? '';
  response.on('close', () => (aborted += response.writableFinished ? 0 : 1));
  if (url.startsWith('/endless')) {
    const chunk = Buffer.alloc(65_536);
    const write = (): void => {
      while (response.write(chunk));
      response.once('drain', write);
    };
    write();
    return;
  }
  if (url.startsWith('/never')) return;
  const body = await bodyOf(request);
  seen.push({
    method: request.method ?? '',
    url,
    headers: request.headers,
    body: body.byteLength > 1_000 ? `${body.byteLength} bytes` : body.toString(),
  });
  if (url.startsWith('/redirect'))
    response.writeHead(Number(url.split('/')[2]), { location: decodeURIComponent(url.split('/')[3] ?? '') }).end();
  else if (url.startsWith('/gzip')) response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('zipped'));
  else if (url.startsWith('/large')) response.end(Buffer.alloc(Number(url.split('/')[2]), 1));
  else
    response
      .writeHead(201, { 'content-type': 'application/json', 'x-echo': 'yes', 'set-cookie': ['a=1', 'b=2'] })
      .end(JSON.stringify({ url }));
}

describe('the web platform of a guest', () => {
  let world: IsolateWorld;
  let server: Server;
  let base: string;
  beforeAll(async () => {
    server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    world = createIsolateWorld({
      endpoints: { 'https://api.example.com/v1': base, s3: `${base}/` },
      limits: { responseBytes: 1_000_000 },
    });
  });
  afterAll(async () => {
    await world.close();
    server.closeAllConnections();
    server.close();
  });

  const run = async (work: string, manifest: typeof open | object = open): Promise<unknown> => {
    const { end, replies } = await world.call(`return { run: async ({ input }, context) => { ${work} } };`, { inputs: [base] }, manifest);
    expect(end).toEqual({ kind: 'done' });
    const objects = objectsOf(replies[0]);
    return Array.isArray(objects) ? objects[0] : objects;
  };

  it('fetches through the endpoint that the environment names, as if it were the original', async () => {
    const result = await run(`
      const response = await fetch('https://api.example.com/v1/things?a=1', { method: 'post', headers: { 'X-One': '1' }, body: JSON.stringify({ n: 1 }) });
      return [{ status: response.status, ok: response.ok, url: response.url, json: await response.json(), echo: response.headers.get('X-Echo'), cookies: response.headers.getSetCookie() }];`);
    expect(result).toEqual({
      status: 201,
      ok: true,
      url: 'https://api.example.com/v1/things?a=1',
      json: { url: '/things?a=1' },
      echo: 'yes',
      cookies: ['a=1', 'b=2'],
    });
    expect(seen.at(-1)).toMatchObject({
      method: 'POST',
      body: '{"n":1}',
      headers: { 'x-one': '1', 'content-type': 'text/plain;charset=UTF-8' },
    });
  });

  it('reaches a named service of the environment, also on loopback', async () => {
    const result = await run(`
      const url = context.endpoint('s3', 'https://s3.amazonaws.com') + '/bucket';
      return [{ url, other: context.endpoint('gcs', 'https://storage.example/'), status: (await fetch(url)).status }];`);
    expect(result).toEqual({ url: `${base}/bucket`, other: 'https://storage.example', status: 201 });
  });

  it('sends bytes, forms and streams, and reads text, bytes and streams', async () => {
    const result = await run(`
      const url = 'https://api.example.com/v1/x';
      await fetch(url, { method: 'PUT', body: new Uint8Array([104, 105]) });
      await fetch(url, { method: 'POST', body: new URLSearchParams({ a: 'b c', ü: '&' }) });
      let n = 0;
      const body = new ReadableStream({ pull(controller) { n += 1; if (n > 40) controller.close(); else controller.enqueue(new Uint8Array(50000)); } });
      await fetch(url, { method: 'POST', body, duplex: 'half' });
      const response = await fetch('https://api.example.com/v1/large/300000');
      let length = 0; let chunks = 0;
      for await (const chunk of response.body) { length += chunk.byteLength; chunks += 1; }
      const copy = (await fetch('https://api.example.com/v1/gzip'));
      const clone = copy.clone();
      return [{ length, several: chunks > 1, gzip: await copy.text(), clone: (await clone.bytes()).byteLength }];`);
    expect(result).toEqual({ length: 300_000, several: true, gzip: 'zipped', clone: 6 });
    expect(seen.slice(-5, -2).map(({ body }) => body)).toEqual(['hi', 'a=b+c&%C3%BC=%26', '2000000 bytes']);
  });

  it('stops a response that is too long, one that never comes, and one that nobody reads', async () => {
    const before = aborted;
    expect(await run(`return [{ text: (await (await fetch('https://api.example.com/v1/endless')).text()).length }];`)).toMatchObject({
      error: { code: 'response-too-large', retryable: false },
    });
    expect(
      await run(
        `return [{ name: await fetch('https://api.example.com/v1/never', { signal: AbortSignal.timeout(50) }).catch((error) => error.name) }];`,
      ),
    ).toEqual({ name: 'TimeoutError' });
    const { replies } = await world.call(
      "return { run: async () => { globalThis.kept = await fetch('https://api.example.com/v1/endless'); return [{ status: kept.status }]; } };",
      {},
      open,
    );
    expect(objectsOf(replies[0])).toEqual([{ status: 200 }]);
    await expect.poll(() => aborted - before, { timeout: 5_000 }).toBe(3);
  });

  it('says why a request failed, and that trying again may help', async () => {
    expect(await run(`await fetch('https://api.example.com/v1/x', { signal: AbortSignal.abort() });`)).toMatchObject({
      error: { retryable: true },
    });
    const closed = createIsolateWorld({ endpoints: { 'https://api.example.com': 'http://127.0.0.1:9' } });
    const { replies } = await closed.call("return { run: () => fetch('https://api.example.com/x') };", {}, open);
    await closed.close();
    expect(replies[0]).toMatchObject({
      error: {
        code: 'network-failed',
        retryable: true,
        message: expect.stringMatching(/^The request to api\.example\.com failed: .*(ECONNREFUSED|bad port)/),
      },
    });
  });

  it('follows redirects under the same rules, and hands no credentials to another origin', async () => {
    const to = (status: number, target: string): string => `https://api.example.com/v1/redirect/${status}/${encodeURIComponent(target)}`;
    const headers = "{ authorization: 'Bearer x', 'x-kept': 'y' }";
    expect(
      await run(`const response = await fetch(${JSON.stringify(to(302, 'https://api.example.com/v1/end'))}, { headers: ${headers} });
        return [{ url: response.url, redirected: response.redirected }];`),
    ).toEqual({ url: 'https://api.example.com/v1/end', redirected: true });
    expect(seen.at(-1)?.headers).toMatchObject({ authorization: 'Bearer x', 'x-kept': 'y' });
    await run(`await fetch(${JSON.stringify(to(303, `${base}/other`))}, { method: 'POST', body: 'b', headers: ${headers} });`);
    expect(seen.at(-1)).toMatchObject({ method: 'GET', url: '/other', body: '' });
    expect(seen.at(-1)?.headers.authorization).toBeUndefined();
    expect(await run(`await fetch(${JSON.stringify(to(302, 'http://169.254.169.254/latest'))});`)).toMatchObject({
      error: { code: 'network-refused', retryable: false },
    });
    expect(
      await run(
        `return [{ status: (await fetch(${JSON.stringify(to(302, 'http://169.254.169.254/'))}, { redirect: 'manual' })).status }];`,
      ),
    ).toEqual({
      status: 302,
    });
    expect(await run(`await fetch(${JSON.stringify(to(302, '/v1/x'))}, { redirect: 'error' });`)).toMatchObject({
      error: { code: 'network-failed' },
    });
  });

  const anywhere = { manifest: { network: { allow: ['*'] } } };
  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0x7f000001/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[fc00::1]/',
    'http://[fe80::1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://0.0.0.0/',
    'http://100.64.0.1/',
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://192.168.0.1/',
    'http://224.0.0.1/',
    'http://localhost/',
    'http://localhost./',
    'http://LOCALHOST/',
    'http://ⓛocalhost/',
    'http://user:password@example.com/',
    'file:///etc/passwd',
    'gopher://example.com/',
    'data:text/plain,hello',
    'http://example.com:22/',
    'http://example.com:5432/',
    'http://example.com:6379/',
    '/relative',
  ])('WHK-11: %s is refused, though the manifest allows every host', async (url) => {
    const result = await run(`await fetch(${JSON.stringify(url)});`, anywhere);
    expect(result).toMatchObject({ kind: 'error' });
    const { code, message } = (result as { error: { code: string; message: string } }).error;
    const unknownName = url.includes('localhost.') && /ENOTFOUND|EAI_AGAIN/.test(message); // not every resolver knows it
    expect(code === 'network-refused' || /Invalid URL/.test(message) || unknownName).toBe(true);
  });

  it('WHK-11: the endpoint of an environment opens that origin alone', async () => {
    const port = Number(new URL(base).port);
    const result = await run(`await fetch('http://127.0.0.1:${port === 65_535 ? 65_534 : port + 1}/');`, anywhere);
    expect(result).toMatchObject({ error: { code: 'network-refused' } });
    expect(await run(`await fetch('${base}/');`, {})).toMatchObject({ error: { code: 'network-refused' } });
  });

  it.each([
    [
      'URL',
      `const url = new URL('../b?x=1#h', 'https://ex\u00e4mple.com/a/'); url.searchParams.append('y', 'a b'); url.port = '8443';`,
      'url.href',
      'https://xn--exmple-cua.com:8443/b?x=1&y=a+b#h',
    ],
    ['URL.canParse', '', '[URL.canParse("::"), URL.canParse("a", "https://b.example")]', [false, true]],
    [
      'URLSearchParams',
      `const p = new URLSearchParams('?a=1&a=%C3%BC+x&b=2'); p.set('a', '3'); p.sort();`,
      '[p.toString(), p.has("b"), p.get("c"), p.size]',
      ['a=3&b=2', true, null, 2],
    ],
    ['TextEncoder', '', '[...new TextEncoder().encode("h\u00e4\ud83d\ude00\\ud800")]', [104, 195, 164, 240, 159, 152, 128, 239, 191, 189]],
    ['TextDecoder with a BOM', '', 'new TextDecoder().decode(new Uint8Array([239, 187, 191, 104, 105]))', 'hi'],
    [
      'TextDecoder in pieces',
      'const d = new TextDecoder(); let out = ""; for (const byte of new TextEncoder().encode("h\u00e4\ud83d\ude00!")) out += d.decode(new Uint8Array([byte]), { stream: true }); out += d.decode();',
      'out',
      'h\u00e4\ud83d\ude00!',
    ],
    ['TextDecoder of latin1', '', 'new TextDecoder("latin1").decode(new Uint8Array([228, 246]))', '\u00e4\u00f6'],
    [
      'TextDecoder that is fatal',
      'let name; try { new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([195])); } catch (error) { name = error.name; }',
      'name',
      'TypeError',
    ],
    ['atob and btoa', '', '[btoa("h\\u00e4"), atob("aOQ="), atob(" aGk= ")]', ['aOQ=', 'h\u00e4', 'hi']],
    [
      'crypto.subtle.digest',
      '',
      'Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode("abc"))), (b) => b.toString(16).padStart(2, "0")).join("")',
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    ],
    [
      'HMAC',
      'const key = await crypto.subtle.importKey("raw", new TextEncoder().encode("key"), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]); const data = new TextEncoder().encode("The quick brown fox jumps over the lazy dog"); const mac = await crypto.subtle.sign("HMAC", key, data);',
      '[Array.from(new Uint8Array(mac), (b) => b.toString(16).padStart(2, "0")).join(""), await crypto.subtle.verify("HMAC", key, mac, data), await crypto.subtle.verify("HMAC", key, new Uint8Array(32), data)]',
      ['f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8', true, false],
    ],
    ['randomUUID', '', '/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())', true],
    ['getRandomValues', 'const bytes = crypto.getRandomValues(new Uint32Array(8));', 'new Set(bytes).size > 4', true],
    [
      'structuredClone',
      'const a = { d: new Date(5), m: new Map([["k", new Set([1])]]), b: new Uint8Array([1, 2]), list: [1, { x: 1n }] }; a.self = a; const c = structuredClone(a);',
      '[c.d.getTime(), [...c.m.get("k")], [...c.b], String(c.list[1].x), c.self === c, c !== a]',
      [5, [1], [1, 2], '1', true, true],
    ],
    [
      'structuredClone of a function',
      'let name; try { structuredClone(() => 1); } catch (error) { name = error.name; }',
      'name',
      'DataCloneError',
    ],
    [
      'timers',
      'const order = []; setTimeout(() => order.push("b"), 20); const gone = setTimeout(() => order.push("x"), 5); clearTimeout(gone); setTimeout((word) => order.push(word), 1, "a"); let n = 0; await new Promise((done) => { const timer = setInterval(() => { n += 1; if (n === 3) { clearInterval(timer); setTimeout(done, 20); } }, 5); });',
      '[order, n]',
      [['a', 'b'], 3],
    ],
    [
      'AbortSignal',
      'const one = new AbortController(); const any = AbortSignal.any([one.signal, AbortSignal.timeout(10000)]); let heard = 0; any.addEventListener("abort", () => { heard += 1; }, { once: true }); one.abort(new TypeError("stop")); one.abort();',
      '[any.aborted, any.reason.message, heard, AbortSignal.abort().reason.name]',
      [true, 'stop', 1, 'AbortError'],
    ],
    [
      'EventTarget',
      'const target = new EventTarget(); let seen = 0; const listener = { handleEvent() { seen += 1; } }; target.addEventListener("x", listener); target.addEventListener("x", listener); target.dispatchEvent(new Event("x")); target.removeEventListener("x", listener); target.dispatchEvent(new Event("x"));',
      'seen',
      1,
    ],
    [
      'ReadableStream',
      'const upper = new TransformStream({ transform(chunk, controller) { controller.enqueue(chunk.toUpperCase()); } }); const source = new ReadableStream({ start(controller) { controller.enqueue("a"); controller.enqueue("b"); controller.close(); } }); const out = []; for await (const chunk of source.pipeThrough(upper)) out.push(chunk);',
      'out',
      ['A', 'B'],
    ],
    [
      'Headers',
      'const h = new Headers([["B", "1"], ["a", "2"], ["b", " 3 "]]); let bad; try { h.set("x", "a\\nb"); } catch (error) { bad = error.name; }',
      '[[...h], h.has("A"), bad]',
      [
        [
          ['a', '2'],
          ['b', '1, 3'],
        ],
        true,
        'TypeError',
      ],
    ],
    [
      'Request and Response',
      'const request = new Request("https://a.example/", { method: "post", body: "x" }); const copy = new Request(request.clone(), { headers: { a: "b" } }); const response = Response.json({ a: 1 }, { status: 202 });',
      '[request.method, await request.text(), await copy.text(), copy.headers.get("a"), response.status, await response.json(), response.bodyUsed]',
      ['POST', 'x', 'x', 'b', 202, { a: 1 }, true],
    ],
    [
      'performance and queueMicrotask',
      'const order = []; queueMicrotask(() => order.push(1)); await null; await null;',
      '[order, performance.now() >= 0]',
      [[1], true],
    ],
  ])('has %s', async (_, setup, expression, expected) => {
    expect(await run(`${setup} return [{ value: ${expression} }];`)).toEqual({ value: expected });
  });
});
