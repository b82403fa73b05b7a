import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { pythonPackageFolder } from '../index.ts';
import type { FilesGateway } from './files-gateway.ts';
import { startFilesGateway } from './files-gateway.ts';
import type { SatelliteProcess } from './satellite-process.ts';
import { nonceOf, startSatellite } from './satellite-process.ts';

/** The token of the gateway that `startFixture` starts. */
export const filesToken = 'a-token';

export interface TestRequest {
  readonly nonce: string;
  readonly execution: string;
  readonly [key: string]: unknown;
}

export interface Fixture {
  readonly satellite: SatelliteProcess;
  readonly gateway: FilesGateway;
  readonly folder: string;
  /** A request of a new attempt, with what is given in place of its defaults. */
  request(config: object, more?: object): TestRequest;
}

export interface FixtureOptions {
  /** In place of those of the first line; null: it is left out, as in `mode: once`. */
  readonly hello?: object | null;
  readonly env?: Readonly<Record<string, string>>;
  readonly module?: string;
}

let nonces = 0;

/** A folder of its own for a test's sockets and files. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'exosphere-python-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts `testdata/fixture.py` and the gateway beside it; both end with the test. */
export async function startFixture({ hello = {}, env = {}, module = 'fixture.py' }: FixtureOptions = {}): Promise<Fixture> {
  const folder = await testFolder();
  const gateway = await startFilesGateway(join(folder, 'files.sock'), filesToken);
  onTestFinished(() => gateway.stop());
  const file = join(import.meta.dirname, '../../testdata', module);
  const satellite = startSatellite(['python3', '-B', '-m', 'exosphere_satellite', file], {
    PYTHONPATH: join(pythonPackageFolder, '..'),
    ...env,
  });
  onTestFinished(() => satellite.kill());
  if (hello !== null) satellite.send({ ...helloOf(folder), ...hello });
  return { satellite, gateway, folder, request };
}

/** The worker's first line. */
export function helloOf(folder: string): object {
  return { exosphere: 1, concurrency: 4, files: join(folder, 'files.sock'), egress: null, endpoints: {} };
}

function request(config: object, more: object = {}): TestRequest {
  nonces += 1;
  const execution = `run/step/${nonces}`;
  return {
    nonce: nonceOf(nonces),
    execution,
    'idempotency-key': execution,
    attempt: 1,
    deadline: '2030-01-01T00:00:00.000Z',
    'timeout-ms': 60_000,
    resume: null,
    config,
    item: { a: 1 },
    secrets: {},
    'files-token': filesToken,
    ...more,
  };
}
