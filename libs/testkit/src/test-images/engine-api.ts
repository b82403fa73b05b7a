import { ExosphereError } from '@exosphere/model';
import { request } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A call to the container engine. */
export interface EngineCall {
  /** Default `GET`. */
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** `/images/busybox:stable/json` */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** A tar file as a stream, or what is sent as JSON. */
  readonly body?: unknown;
  /** The statuses from 400 on that are an answer here, not a failure: 404, say. */
  readonly expects?: readonly number[];
  readonly signal?: AbortSignal;
}

/** What the engine answered: its status, and the body as text. */
export interface EngineAnswer {
  readonly status: number;
  readonly text: string;
}

/** Where the container engine is: DOCKER_HOST, else Docker's usual socket. */
export function engineAddress(dockerHost: string | undefined): RequestOptions {
  if (!dockerHost) return { socketPath: '/var/run/docker.sock' };
  if (dockerHost.startsWith('unix://')) return { socketPath: dockerHost.slice('unix://'.length) };
  const { hostname, port } = new URL(dockerHost);
  return { hostname, port: port || 2375 };
}

/** Whether a container engine answers there within two seconds. */
export async function engineAnswers(dockerHost = process.env['DOCKER_HOST']): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = request({ ...engineAddress(dockerHost), path: '/_ping', timeout: 2000, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.once('timeout', () => ping.destroy());
    ping.once('error', () => resolve(false));
    ping.once('close', () => resolve(false));
    ping.end();
  });
}

/** Calls the engine of DOCKER_HOST. A status of 400 or more that is not expected fails with what the engine says. */
export async function callEngine(call: EngineCall): Promise<EngineAnswer> {
  const response = await send(call);
  const answer = { status: response.statusCode ?? 0, text: await text(response) };
  if (answer.status >= 400 && call.expects?.includes(answer.status) !== true) throw refused(call, answer.text);
  return answer;
}

/** Calls the engine for something that takes long: it answers with a line of JSON for each thing done, also when it fails. */
export async function followEngine(call: EngineCall): Promise<readonly EngineProgress[]> {
  const response = await send(call);
  const answer = await text(response);
  if ((response.statusCode ?? 0) >= 400) throw refused(call, answer);
  const lines = answer.split('\n').filter((line) => line.trim() !== '');
  const progress = lines.map((line) => JSON.parse(line) as EngineProgress); // the shape that the engine's API states
  const failure = progress.find(({ error }) => error !== undefined);
  if (failure?.error === undefined) return progress;
  const said = progress.map(({ stream }) => stream ?? '').join('');
  throw refused(call, [failure.error, said.slice(-2000)].join('\n'));
}

/** One line of an answer that takes long. */
export interface EngineProgress {
  readonly status?: string;
  /** What a build prints. */
  readonly stream?: string;
  readonly error?: string;
  /** What came of it: the image's id, or the digest under which it was pushed. */
  readonly aux?: { readonly ID?: string; readonly Digest?: string };
}

async function send({ method = 'GET', path, query = {}, headers = {}, body, signal }: EngineCall): Promise<IncomingMessage> {
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one): [string, string] => [name, one]),
  );
  const type = body instanceof Readable ? 'application/x-tar' : 'application/json';
  const options: RequestOptions = {
    ...engineAddress(process.env['DOCKER_HOST']),
    method,
    path: parameters.length > 0 ? `${path}?${String(new URLSearchParams(parameters))}` : path,
    headers: { host: 'docker', ...(body === undefined ? {} : { 'content-type': type }), ...headers },
    agent: false, // or an idle connection would keep a test run from ending
    ...(signal === undefined ? {} : { signal }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(options, resolve);
    outgoing.once('error', (cause) => {
      reject(new ExosphereError('test-engine', `The container engine could not be asked for ${path}: ${cause.message}`, { cause }));
    });
    if (body instanceof Readable) pipeline(body, outgoing).catch(reject);
    else outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function refused({ method = 'GET', path }: EngineCall, said: string): ExosphereError {
  return new ExosphereError('test-engine', `The container engine refused ${method} ${path}: ${said.trim()}`);
}
