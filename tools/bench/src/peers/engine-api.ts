import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import Docker from 'dockerode';
import type { Measures, OpenContender } from '../measure/contender.ts';
import { medianTime } from '../measure/median-time.ts';
import { containerColdStarts, containerItems, containerRoundTrips } from '../workloads/sizes.ts';

/** Lines in flight: as many as the warm container of the runtime works on at a time. */
const window = 32;

/** W4 by hand: what the client library and the engine take for the same. */
export async function openEngineApi(): Promise<OpenContender> {
  const docker = new Docker();
  const warm = await openLines(docker);
  return {
    measure: async (): Promise<Measures> => {
      const cold = await medianTime(containerColdStarts, () => coldStart(docker));
      const roundTrip = await medianTime(containerRoundTrips, () => warm.send(1));
      const hundred = await medianTime(10, () => warm.send(100));
      const began = performance.now();
      await warm.send(containerItems);
      return {
        cold_ms: cold,
        round_trip_ms: roundTrip,
        hundred_ms: hundred,
        per_second: (containerItems / (performance.now() - began)) * 1_000,
      };
    },
    close: warm.close,
  };
}

async function coldStart(docker: Docker): Promise<void> {
  const container = await docker.createContainer({ Image: 'busybox:stable', Cmd: ['echo', '{"ok":true}'] });
  await container.start();
  await container.wait();
  await container.remove();
}

interface Lines {
  /** Sends so many lines, {@link window} at a time, and waits until all have come back. */
  send(count: number): Promise<void>;
  close(): Promise<void>;
}

async function openLines(docker: Docker): Promise<Lines> {
  const container = await docker.createContainer({
    Image: 'busybox:stable',
    Cmd: ['cat'],
    OpenStdin: true,
    HostConfig: { NetworkMode: 'none' },
  });
  const stream = await container.attach({ stream: true, stdin: true, stdout: true, hijack: true });
  await container.start();
  const output = new PassThrough();
  docker.modem.demuxStream(stream, output, new PassThrough());
  let onLine = (): void => undefined;
  createInterface({ input: output }).on('line', () => onLine());
  const line = `${JSON.stringify({ nonce: '0'.repeat(32), item: { n: 1 } })}\n`;
  return {
    send: (count) =>
      new Promise((resolve) => {
        let sent = 0;
        let back = 0;
        const more = (): void => {
          for (; sent < count && sent - back < window; sent += 1) stream.write(line);
        };
        onLine = () => {
          back += 1;
          if (back === count) resolve();
          else more();
        };
        more();
      }),
    close: async () => {
      stream.end();
      await container.remove({ force: true });
      if (!stream.readable) return;
      await once(stream, 'close');
    },
  };
}
