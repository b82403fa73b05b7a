import { describe, expect, it } from 'vitest';
import {
  cardinalityOf,
  canonicalJson,
  compileManifestChecks,
  isConfigured,
  manifestFrom,
  readManifest,
  resolveConfigured,
} from './index.ts';
import type { SatelliteManifest } from './index.ts';

const webhook = `
manifest: 1
identifier: satellite/exospherehost/call-webhook
title: Call a webhook
kind: exosphere
runtime:
  isolate: { entry: src/index.ts, memory: 64MiB }
timeout: 60s
network: { allow: ["*"] }
secrets: [TOKEN]
config:
  type: object
  required: [url]
  additionalProperties: false
  properties:
    url: { type: string, format: uri }
    method: { enum: [GET, POST] }
    returns: { enum: [one, many] }
output: { cardinality: { config: returns }, text: status, schema: { type: object, properties: { status: { type: integer } } } }
`;

const container = {
  manifest: 1,
  identifier: 'satellite/a/llm',
  runtime: { docker: { image: 'x' } },
  output: { cardinality: 'one' },
};

function read(text: string): SatelliteManifest {
  const reading = readManifest(text);
  if ('problems' in reading) throw new Error(JSON.stringify(reading.problems));
  if (isConfigured(reading.manifest)) throw new Error('configured');
  return reading.manifest;
}

function problemsOf(text: string): readonly string[] {
  const reading = readManifest(text);
  return 'problems' in reading ? reading.problems.map(({ line, column, at, message }) => `${line}:${column} ${at} ${message}`) : [];
}

describe('a manifest', () => {
  it('is read with its units converted and its defaults filled in', () => {
    const manifest = read(webhook);
    expect(manifest.timeoutMs).toBe(60_000);
    expect(manifest.runtime).toEqual({ kind: 'isolate', entry: 'src/index.ts', memoryBytes: 64 * 1024 * 1024, concurrency: 250 });
    expect(manifest.input).toEqual({});
    expect(manifest.output.key).toBeNull();
  });

  it('may say its version, which is no part of what is used', () => {
    const versioned = webhook.replace('title:', 'version: 1.2.0-beta.1\ntitle:');
    expect(readManifest(versioned)).toEqual({ manifest: read(webhook), version: '1.2.0-beta.1' });
    expect(readManifest(webhook)).toMatchObject({ version: null });
    expect(problemsOf(webhook.replace('title:', 'version: 1.2\ntitle:'))).toEqual(['4:10 /version Found a number, expected string.']);
    expect(problemsOf(webhook.replace('title:', 'version: v1\ntitle:'))).toEqual([expect.stringMatching(/form "A version, as 1.0.0/)]);
  });

  it('takes the cardinality from the literal config where it says so, one by default', () => {
    const manifest = read(webhook);
    expect(cardinalityOf(manifest, {})).toBe('one');
    expect(cardinalityOf(manifest, { returns: 'many' })).toBe('many');
  });

  it('reports every problem at once with its place and what to do', () => {
    const text = webhook.replace('timeout: 60s', 'timeout: soon').replace('title:', 'titel:').replace('manifest: 1', 'manifest: 2');
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(/^2:1  The key 'titel' is not known. Known are: manifest, identifier, title/),
      '2:11 /manifest Found a number, expected 1.',
      expect.stringMatching(/^8:10 \/timeout Found a string that is not of the form "A duration, as 60s or 5m."/),
    ]);
  });

  it.each([
    ['a schema that is none', webhook.replace('format: uri', 'format: url'), /\/config This is not a JSON Schema.*"url"/],
    ['a text field that the schema does not have', webhook.replace('text: status', 'text: state'), /\/output\/text 'state' is no property/],
    ['an entry outside of the package', webhook.replace('src/index.ts', '../index.ts'), /\/runtime\/isolate\/entry .* leaves the package/],
    ['two runtimes', webhook.replace('  isolate:', '  docker: { image: x }\n  isolate:'), /\/runtime /],
    [
      'a pattern that only a backtracking engine can match',
      webhook.replace('format: uri', 'pattern: "(?=a)b"'),
      /\/config This is not a JSON Schema/,
    ],
    ['nesting that would break the parser', '['.repeat(5000), /nested deeper than 64/],
    ['lists in lists on one line', '- '.repeat(5000), /nested deeper than 64/],
    ['duplicate keys', `${webhook}\ntitle: again`, /unique/],
    ['a tag', webhook.replace('title: Call', 'title: !!js/function Call'), /tag/i],
    ['a number alone', '5', /Found a number, expected object/],
  ])('refuses %s', (_, text, message) => {
    expect(problemsOf(text).join('\n')).toMatch(message);
  });

  it('of a container says what it needs of the host', () => {
    const { manifest } = manifestFrom({
      manifest: 1,
      identifier: 'satellite/a/llm',
      runtime: {
        docker: { image: 'x', server: { image: 'vllm', port: 8000, ready: '/health', resources: { gpu: { 'min-memory': '80GiB' } } } },
      },
      output: { cardinality: 'one' },
    }) as { manifest: SatelliteManifest };
    expect(manifest.runtime).toMatchObject({
      kind: 'docker',
      mode: 'worker',
      concurrency: 8,
      server: { port: 8000, resources: { gpu: { count: 1, driver: 'nvidia', capabilities: ['gpu'], minMemoryBytes: 80 * 2 ** 30 } } },
    });
  });

  it.each([
    ['one card by default', {}, { count: 1, deviceIds: null, minMemoryBytes: null, options: {} }],
    ['so many cards', { count: 4 }, { count: 4 }],
    ['all cards', { count: 'all' }, { count: 'all', deviceIds: null }],
    ['these cards', { 'device-ids': ['GPU-1', '2'] }, { count: 2, deviceIds: ['GPU-1', '2'] }],
    ['options of a driver', { driver: 'other', options: { mode: 'shared' } }, { driver: 'other', options: { mode: 'shared' } }],
  ])('of a container asks for %s', (_, gpu, expected) => {
    const { manifest } = manifestFrom({ ...container, resources: { gpu } }) as { manifest: SatelliteManifest };
    expect(manifest.resources.gpu).toMatchObject(expected);
  });

  it.each([
    ['a number of cards beside their ids', { count: 1, 'device-ids': ['0'] }, /^\/resources\/gpu\/count .*take one of them out/],
    ['no card', { count: 0 }, /^\/resources\/gpu\/count /],
    ['a word for a number', { count: 'two' }, /^\/resources\/gpu\/count .*a number of cards, or 'all'/i],
    ['an empty list of ids', { 'device-ids': [] }, /^\/resources\/gpu\/device-ids /],
    ['an option that is no text', { options: { mode: 1 } }, /^\/resources\/gpu\/options\/mode /],
  ])('that asks for graphics cards with %s is refused', (_, gpu, message) => {
    const reading = manifestFrom({ ...container, resources: { gpu } });
    const violations = 'violations' in reading ? reading.violations : [];
    expect(violations.map(({ at, message: text }) => `${at} ${text}`)).toEqual([expect.stringMatching(message)]);
  });

  it('of a server is checked in the same way', () => {
    const docker = { image: 'x', server: { image: 'y', port: 80, resources: { gpu: { count: 'all', 'device-ids': ['0'] } } } };
    const reading = manifestFrom({ ...container, runtime: { docker } });
    expect('violations' in reading && reading.violations[0]?.at).toBe('/runtime/docker/server/resources/gpu/count');
  });

  it('that is configured takes its code from another one and hides the preset keys', () => {
    const reading = readManifest(
      'manifest: 1\nidentifier: satellite/p/post\nkind: configured\nfrom: satellite/exospherehost/call-webhook@^1\nconfig: { url: "https://a.example" }\n',
    );
    if ('problems' in reading || !isConfigured(reading.manifest)) throw new Error('not configured');
    const resolved = resolveConfigured(reading.manifest, read(webhook));
    const { config } = compileManifestChecks(resolved);
    expect(resolved.preset).toEqual({ url: 'https://a.example' });
    expect(config({ method: 'GET' })).toBeNull();
    expect(config({ url: 'https://b.example' })).toEqual({ at: '', message: "The key 'url' is not known. Known are: method, returns." });
  });
});

describe('the checks of a manifest', () => {
  it('say where a value does not fit and never repeat it', () => {
    const { config } = compileManifestChecks(read(webhook));
    expect(config({ url: 'https://a.example' })).toBeNull();
    expect(config({})).toEqual({ at: '', message: "The key 'url' is missing." });
    expect(config({ url: 'https://a.example', method: 'secret-token' })).toEqual({
      at: '/method',
      message: 'Found a string, expected one of "GET", "POST".',
    });
  });

  it('match patterns in linear time', () => {
    const { config } = compileManifestChecks(read(webhook.replace('format: uri', 'pattern: "(a+)+$"')));
    const start = performance.now();
    expect(config({ url: `${'a'.repeat(50_000)}!` })).not.toBeNull();
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('are compiled once', () => {
    const manifest = read(webhook);
    expect(compileManifestChecks(manifest)).toBe(compileManifestChecks(manifest));
  });
});

it('canonical JSON does not depend on the order of keys', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
});
