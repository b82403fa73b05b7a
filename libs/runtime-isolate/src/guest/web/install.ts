import {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableStream as StreamToRead,
  TransformStream as StreamThrough,
  WritableStream as StreamToWrite,
} from 'web-streams-polyfill';
import type { LogLevel } from '../reply.ts';
import { consoleMethods } from '../reply.ts';
import { GuestAbortController, GuestAbortSignal } from './abort.ts';
import { atob, btoa } from './base64.ts';
import { GuestCryptoKey, guestCrypto } from './crypto.ts';
import { GuestDomException } from './dom-exception.ts';
import { GuestEvent, GuestEventTarget } from './events.ts';
import { guestFetch } from './fetch.ts';
import { GuestHeaders } from './headers.ts';
import { GuestRequest } from './request.ts';
import { GuestResponse } from './response.ts';
import { structuredClone } from './structured-clone.ts';
import { GuestTextDecoder, GuestTextEncoder } from './text-encoding.ts';
import { clearTimer, setInterval, setTimeout } from './timers.ts';
import { GuestUrlSearchParams } from './url-search-params.ts';
import { GuestUrl } from './url.ts';

/** Memory that the isolate's limit does not count, and clocks that are too exact: not for guests. */
const removed = ['WebAssembly', 'SharedArrayBuffer', 'Atomics'];

const classes: Readonly<Record<string, object>> = {
  AbortController: GuestAbortController,
  AbortSignal: GuestAbortSignal,
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  CryptoKey: GuestCryptoKey,
  DOMException: GuestDomException,
  Event: GuestEvent,
  EventTarget: GuestEventTarget,
  Headers: GuestHeaders,
  ReadableStream: StreamToRead,
  Request: GuestRequest,
  Response: GuestResponse,
  TextDecoder: GuestTextDecoder,
  TextEncoder: GuestTextEncoder,
  TransformStream: StreamThrough,
  URL: GuestUrl,
  URLSearchParams: GuestUrlSearchParams,
  WritableStream: StreamToWrite,
};

/** Installs the subset of the web platform that satellites have (spec 4.2). */
export function installWeb(log: (level: LogLevel, message: string) => void): void {
  const start = Date.now();
  const functions = {
    atob,
    btoa,
    clearInterval: clearTimer,
    clearTimeout: clearTimer,
    console: consoleMethods(log),
    crypto: guestCrypto,
    fetch: guestFetch,
    performance: { now: () => Date.now() - start, timeOrigin: start },
    queueMicrotask: (callback: () => void) => void Promise.resolve().then(callback),
    self: globalThis,
    setInterval,
    setTimeout,
    structuredClone,
  };
  for (const name of removed) Reflect.deleteProperty(globalThis, name);
  for (const [name, value] of Object.entries({ ...classes, ...functions })) {
    if (typeof value === 'function' && name in classes) Object.defineProperty(value, 'name', { value: name, configurable: true });
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
  }
}
