import type { Socket } from 'node:net';
import { endSocket } from '../gateway/unix-server.ts';
import type { ByteReader } from './byte-reader.ts';
import { byteReader } from './byte-reader.ts';
import type { EgressContext } from './egress-context.ts';
import { signalOf } from './egress-context.ts';
import { EgressFailure, failureOf } from './egress-failure.ts';
import { join } from './tunnel.ts';

const version = 5;
const noAuthentication = 0;
const noneAcceptable = 0xff;
const connectCommand = 1;
const [ipv4, domainName, ipv6] = [1, 3, 4];

/** Answers SOCKS 5 (RFC 1928): `CONNECT` without authentication. Never fails. */
export async function connectBySocks(client: Socket, context: EgressContext): Promise<void> {
  const deadline = setTimeout(() => client.destroy(), context.limits.headerMs);
  client.once('close', () => clearTimeout(deadline));
  const reader = byteReader(client);
  let asked = 'the address';
  try {
    if (!(await greet(client, reader))) return;
    const { host, port } = await readRequest(reader);
    clearTimeout(deadline);
    reader.release();
    asked = `${host}:${port}`;
    const upstream = await context.dialer.dial(context.directions.toHost(host, port), signalOf(client));
    client.write(replyOf(0));
    join(client, upstream, context.limits.idleMs);
  } catch (cause) {
    reader.release();
    if (client.destroyed) return;
    const failure = failureOf(cause, asked);
    context.report(failure);
    endSocket(client, replyOf(failure.reply));
  }
}

/** Whether both sides agree on how the client says who it is: not at all. */
async function greet(client: Socket, reader: ByteReader): Promise<boolean> {
  const [, count = 0] = await take(reader, 2);
  const methods = await take(reader, count);
  if (methods.includes(noAuthentication)) {
    client.write(Uint8Array.of(version, noAuthentication));
    return true;
  }
  reader.release();
  endSocket(client, Uint8Array.of(version, noneAcceptable));
  return false;
}

async function readRequest(reader: ByteReader): Promise<{ readonly host: string; readonly port: number }> {
  const [given, command, , addressType] = await take(reader, 4);
  if (given !== version) throw malformed();
  const host = await readHost(reader, addressType);
  const port = (await take(reader, 2)).readUInt16BE();
  if (command !== connectCommand)
    throw new EgressFailure('request-invalid', 'The proxy knows only CONNECT of SOCKS 5.', { status: 400, reply: 7 });
  return { host, port };
}

async function readHost(reader: ByteReader, addressType: number | undefined): Promise<string> {
  switch (addressType) {
    case ipv4:
      return (await take(reader, 4)).join('.');
    case ipv6: {
      const groups = (await take(reader, 16)).toString('hex').match(/.{4}/g) ?? [];
      return `[${groups.join(':')}]`;
    }
    case domainName: {
      const [length = 0] = await take(reader, 1);
      return (await take(reader, length)).toString('utf8');
    }
    default:
      throw new EgressFailure('request-invalid', 'The proxy does not know this type of address.', { status: 400, reply: 8 });
  }
}

async function take(reader: ByteReader, count: number): Promise<Buffer> {
  const bytes = await reader.take(count);
  if (bytes === null) throw malformed();
  return bytes;
}

function malformed(): EgressFailure {
  return new EgressFailure('request-invalid', 'This is not SOCKS 5.', { status: 400, reply: 1 });
}

function replyOf(code: number): Uint8Array {
  return Uint8Array.of(version, code, 0, ipv4, 0, 0, 0, 0, 0, 0);
}
