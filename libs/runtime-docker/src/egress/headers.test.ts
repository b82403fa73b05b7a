import { describe, expect, it } from 'vitest';
import { framingOf, headersToPass } from './headers.ts';

describe('headers on their way through the proxy', () => {
  it('keep their order, spelling and number', () => {
    const raw = ['X-One', '1', 'cookie', 'a=1', 'Cookie', 'b=2', 'Authorization', 'Bearer x'];
    expect(headersToPass(raw)).toEqual(raw);
  });

  it.each([
    ...['Connection', 'Keep-Alive', 'Proxy-Connection', 'TE', 'Trailer', 'Transfer-Encoding', 'Upgrade', 'Content-Length', 'Expect'],
    ...['Proxy-Authorization', 'PROXY-AUTHORIZATION', 'proxy-authenticate', 'Proxy-Authentication-Info'],
  ])('leave %s behind', (name) => {
    expect(headersToPass(['X', '1', name, 'value', 'Y', '2'])).toEqual(['X', '1', 'Y', '2']);
  });

  it('leave behind what Connection names, however it does', () => {
    const raw = ['X-A', '1', 'Connection', 'close, x-a', 'x-b', '2', 'connection', ' X-B ,X-c', 'X-C', '3', 'X-D', '4'];
    expect(headersToPass(raw)).toEqual(['X-D', '4']);
  });

  it('leave behind what is replaced', () => {
    expect(headersToPass(['Host', 'a', 'HOST', 'b', 'X', '1'], ['host'])).toEqual(['X', '1']);
  });
});

describe('the framing of a body', () => {
  it.each([
    [{}, []],
    [{ 'content-length': '12' }, ['Content-Length', '12']],
    [{ 'transfer-encoding': 'chunked' }, ['Transfer-Encoding', 'chunked']],
    [{ 'transfer-encoding': ' Chunked ' }, ['Transfer-Encoding', 'chunked']],
    [{ 'transfer-encoding': 'gzip, chunked' }, null],
    [{ 'transfer-encoding': 'chunked, chunked' }, null],
    [{ 'transfer-encoding': 'identity' }, null],
  ])('of %j is %j', (headers, expected) => {
    expect(framingOf(headers)).toEqual(expected);
  });
});
