import { chmod, cp, mkdir, readFile, readdir, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connectEmbedded } from './connect-embedded.ts';
import type { EmbeddedDatabase } from './connect-embedded.ts';
import type { DatabaseHome } from './database-home.ts';
import { doctorEmbedded } from './doctor-embedded.ts';
import type { EmbeddedProgress } from './embedded-progress.ts';
import { removeEmbedded } from './remove-embedded.ts';
import { readPostmasterFile, serverState } from './server-state.ts';
import { ordinaryProject, startUser, testProject } from './testing/test-project.ts';

const asRoot = process.getuid?.() === 0;

test('the first use makes and starts the database, the next one starts it again, and both are quick', async () => {
  const { folder, home } = await testProject();
  const first = await timed(() => connectEmbedded({ folder }));
  await query(first.result, 'create table seen as select 7 as n');
  const firstStop = await timed(() => first.result.release());
  expect((await serverState(home)).kind).toBe('stopped');

  const second = await timed(() => connectEmbedded({ folder }));
  expect(await query(second.result, 'select n from seen')).toEqual([{ n: 7 }]);
  const third = await timed(() => connectEmbedded({ folder }));
  expect([first, second, third].map(({ result }) => result.startedHere)).toEqual([true, true, false]);
  expect(second.result.url).toBe(first.result.url);
  await third.result.release();
  await second.result.release();
  process.stdout.write(
    `embedded database: created ${first.ms} ms, started ${second.ms} ms, joined ${third.ms} ms, stopped ${firstStop.ms} ms\n`,
  );
  // Half of what a cold `exo run` may take, on a machine that does other things, too.
  expect(first.ms).toBeLessThan(5_000);
  expect(second.ms).toBeLessThan(1_500);
});

test('what it writes is for its user alone, and for no repository', async () => {
  const { folder, home } = await testProject();
  const database = await connectEmbedded({ folder });
  expect(await modeOf(home.stateFolder)).toBe('700');
  expect(await modeOf(home.connectionFile)).toBe('600');
  expect(await modeOf(home.dataDirectory)).toBe('700');
  expect(await modeOf(join(home.dataDirectory, 'exosphere.password'))).toBe('600');
  expect(await readFile(join(home.stateFolder, '.gitignore'), 'utf8')).toBe('*\n');
  expect(JSON.parse(await readFile(home.connectionFile, 'utf8'))).toMatchObject({ url: database.url, dataDirectory: home.dataDirectory });
  await database.release();
});

test('it keeps what was committed, listens on this machine alone, and lets nobody in without the password', async () => {
  const { folder } = await testProject();
  const database = await connectEmbedded({ folder });
  const names = [
    'fsync',
    'synchronous_commit',
    'full_page_writes',
    'listen_addresses',
    'unix_socket_directories',
    'jit',
    'max_connections',
    'TimeZone',
  ];
  const settings = await query(database, `select name, setting from pg_settings where name = any('{${names.join(',')}}')`);
  expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    jit: 'off',
    max_connections: '100',
    TimeZone: 'UTC',
  });
  await expect(new Client({ ...database.connectionOptions, password: 'guess' }).connect()).rejects.toMatchObject({ code: '28P01' });
  await database.release();
});

test('two processes share one server, and the last one stops it', async () => {
  const { folder, home } = await testProject();
  const [a, b] = [startUser(folder), startUser(folder)];
  const [inA, inB] = [await a.next('connected'), await b.next('connected')];
  expect(inA['url']).toBe(inB['url']);
  a.tell('create table seen as select 7 as n');
  await a.next('answer');
  a.tell('release');
  await a.next('released');
  expect((await serverState(home)).kind).toBe('running');
  b.tell('select n from seen');
  expect(await b.next('answer')).toMatchObject({ rows: [{ n: 7 }] });
  b.tell('release');
  await b.next('released');
  expect((await serverState(home)).kind).toBe('stopped');
  await Promise.all([a.ended, b.ended]);
});

test('the server outlives users that were killed, and the next one adopts it', async () => {
  const { folder, home } = await testProject();
  const users = [startUser(folder), startUser(folder)];
  await Promise.all(users.map((user) => user.next('connected')));
  users[0]?.tell('create table seen as select 7 as n');
  await users[0]?.next('answer');
  await Promise.all(users.map((user) => user.kill()));
  const before = await serverState(home);
  expect(before.kind).toBe('running');

  const database = await connectEmbedded({ folder });
  expect(database.startedHere).toBe(false);
  expect(await serverState(home)).toEqual(before);
  expect(await query(database, 'select n from seen')).toEqual([{ n: 7 }]);
  await database.release();
  expect((await serverState(home)).kind).toBe('stopped');
});

test('of four processes that start at once, one makes the database and all use it', async () => {
  const { folder, home } = await testProject();
  const users = [1, 2, 3, 4].map(() => startUser(folder));
  const connected = await Promise.all(users.map((user) => user.next('connected')));
  expect(connected.filter((report) => report['startedHere'] === true)).toHaveLength(1);
  expect(new Set(connected.map((report) => report['url'])).size).toBe(1);
  users.forEach((user) => user.tell('release'));
  await Promise.all(users.map((user) => user.next('released')));
  expect((await serverState(home)).kind).toBe('stopped');
});

test('who comes while another one stops the server never gets a server that goes away', async () => {
  const { folder, home } = await testProject();
  const comeAndGo = async (): Promise<void> => {
    for (let round = 0; round < 8; round += 1) {
      const database = await connectEmbedded({ folder });
      expect(await query(database, 'select 1 as n')).toEqual([{ n: 1 }]);
      await database.release();
    }
  };
  await Promise.all([comeAndGo(), comeAndGo(), comeAndGo()]);
  expect((await serverState(home)).kind).toBe('stopped');
});

test('a server that was killed is recovered with all that was committed', async () => {
  const { folder, home } = await testProject();
  const user = startUser(folder);
  await user.next('connected');
  user.tell('create table seen as select 7 as n');
  await user.next('answer');
  await user.kill();
  process.kill(await serverPid(home), 'SIGKILL');
  await vi.waitFor(async () => expect((await doctorEmbedded(folder)).state).toBe('crashed'));

  const database = await connectEmbedded({ folder });
  expect(database.startedHere).toBe(true);
  expect(await query(database, 'select n from seen')).toEqual([{ n: 7 }]);
  await database.release();
});

test('a postmaster.pid whose number another program has by now is no hindrance', async () => {
  const { folder, home } = await testProject();
  await (await connectEmbedded({ folder })).release();
  await writeFile(
    join(home.dataDirectory, 'postmaster.pid'),
    `${process.pid}\n${home.dataDirectory}\n1700000000\n5432\n\n127.0.0.1\n1 1\nready   \n`,
  );
  const database = await connectEmbedded({ folder });
  expect(database.startedHere).toBe(true);
  await database.release();
});

test('a lost or spoilt db.json is no hindrance', async () => {
  const { folder, home } = await testProject();
  const first = await connectEmbedded({ folder });
  await rm(home.connectionFile);
  const second = await connectEmbedded({ folder });
  expect(second.url).toBe(first.url);
  await second.release();
  await first.release();
  await writeFile(home.connectionFile, '{"port": "no');
  const third = await connectEmbedded({ folder });
  expect(JSON.parse(await readFile(home.connectionFile, 'utf8'))).toMatchObject({ url: third.url });
  await third.release();
});

test('a server that ends under its users is started again on the same port', async () => {
  const { folder, home } = await testProject();
  const progress: EmbeddedProgress[] = [];
  const database = await connectEmbedded({ folder, onProgress: (step) => progress.push(step) });
  await query(database, 'create table seen as select 7 as n');
  const before = await serverPid(home);
  process.kill(before, 'SIGKILL');
  await vi.waitFor(() => expect(progress.map(({ kind }) => kind)).toContain('connection-restored'), { timeout: 15_000, interval: 50 });
  expect(await query(database, 'select n from seen')).toEqual([{ n: 7 }]);
  expect(await serverPid(home)).not.toBe(before);
  await database.release();
  expect((await serverState(home)).kind).toBe('stopped');
});

test('release may be called twice, and ends also while the server is gone', async () => {
  const { folder, home } = await testProject();
  const database = await connectEmbedded({ folder });
  process.kill(await serverPid(home), 'SIGKILL');
  await Promise.all([database.release(), database.release()]);
  await database.release();
});

test('where another program took the port, another one is chosen, and it is said', async () => {
  const { folder } = await testProject();
  const first = await connectEmbedded({ folder });
  await first.release();
  const { port } = first.connectionOptions;
  const intruder = createServer();
  await new Promise<void>((resolve) => intruder.listen({ port, host: '127.0.0.1' }, resolve));
  try {
    const progress: EmbeddedProgress[] = [];
    const database = await connectEmbedded({ folder, onProgress: (step) => progress.push(step) });
    expect(database.connectionOptions.port).not.toBe(port);
    expect(progress).toContainEqual({
      kind: 'port-changed',
      message: `Port ${port} is taken by another program: the embedded database uses ${database.connectionOptions.port}`,
    });
    await database.release();
  } finally {
    intruder.close();
  }
});

test('damaged data give one clear error with the tail of the log', async () => {
  const { folder, home } = await testProject();
  await (await connectEmbedded({ folder })).release();
  await truncate(join(home.dataDirectory, 'global', 'pg_control'), 100);
  await expect(connectEmbedded({ folder })).rejects.toMatchObject({
    code: 'embedded-damaged',
    retryable: false,
    message: expect.stringMatching(
      /^The data of the embedded database are damaged \(.+\)\. Put a backup in their place, [^]+\n {2}\| [^]*pg_control/,
    ),
    log: expect.stringContaining('pg_control'),
  });
});

test('a data directory without its version is damaged, and is left alone', async () => {
  const { folder, home } = await testProject();
  await (await connectEmbedded({ folder })).release();
  await rm(join(home.dataDirectory, 'PG_VERSION'));
  const before = await readdir(home.dataDirectory);
  await expect(connectEmbedded({ folder })).rejects.toMatchObject({ code: 'embedded-damaged' });
  expect(await readdir(home.dataDirectory)).toEqual(before);
  expect(await doctorEmbedded(folder)).toMatchObject({ state: 'damaged' });
});

test('data of another major version are refused by name', async () => {
  const { folder, home } = await testProject();
  await (await connectEmbedded({ folder })).release();
  await writeFile(join(home.dataDirectory, 'PG_VERSION'), '17\n');
  await expect(connectEmbedded({ folder })).rejects.toMatchObject({
    code: 'embedded-wrong-version',
    message: expect.stringContaining('PostgreSQL 17, and this release brings PostgreSQL 18'),
  });
});

test('data whose password is lost give an error that names the file', async () => {
  const { folder, home } = await testProject();
  await (await connectEmbedded({ folder })).release();
  await rm(join(home.dataDirectory, 'exosphere.password'));
  await expect(connectEmbedded({ folder })).rejects.toMatchObject({
    code: 'embedded-damaged',
    message: expect.stringContaining('exosphere.password'),
  });
});

test('a server that hangs gives an error that names its process', { timeout: 60_000 }, async () => {
  const { folder, home } = await testProject();
  const user = startUser(folder);
  await user.next('connected');
  await user.kill();
  const pid = await serverPid(home);
  process.kill(pid, 'SIGSTOP');
  try {
    await expect(connectEmbedded({ folder })).rejects.toMatchObject({
      code: 'embedded-not-answering',
      retryable: true,
      message: expect.stringContaining(`process ${pid}`),
    });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});

test('ended while the data are made, it leaves nothing half-made', async () => {
  const { folder, home } = await testProject();
  const ending = new AbortController();
  const connecting = connectEmbedded({
    folder,
    signal: ending.signal,
    onProgress: ({ kind }) => kind === 'creating' && setTimeout(() => ending.abort(), 150),
  });
  await expect(connecting).rejects.toMatchObject({ name: 'AbortError' });
  expect((await readdir(home.directory)).filter((name) => name.startsWith('data'))).toEqual([]);
  const database = await connectEmbedded({ folder });
  await database.release();
});

test('ended while the server starts, it leaves none running', async () => {
  const { folder, home } = await testProject();
  await (await connectEmbedded({ folder })).release();
  const ending = new AbortController();
  const connecting = connectEmbedded({ folder, signal: ending.signal, onProgress: () => setTimeout(() => ending.abort(), 8) });
  await expect(connecting).rejects.toMatchObject({ name: 'AbortError' });
  expect((await serverState(home)).kind).toBe('stopped');
});

test('killed while the data are made, it leaves nothing that the next one trips over', async () => {
  const { folder, home } = await testProject();
  const user = startUser(folder);
  await vi.waitFor(() => expect(user.reports).toContainEqual(expect.objectContaining({ progress: 'creating' })), {
    timeout: 10_000,
    interval: 5,
  });
  await new Promise((resolve) => setTimeout(resolve, 150));
  await user.kill();
  expect((await serverState(home)).kind).toBe('absent');
  const database = await connectEmbedded({ folder });
  await database.release();
  expect((await readdir(home.directory)).filter((name) => name.startsWith('data'))).toEqual(['data']);
});

test('an ordinary user has everything in the folder of the project', async () => {
  const { folder, home, ...user } = await ordinaryProject();
  const process = startUser(folder, user);
  expect(await process.next('connected')).toMatchObject({
    dataDirectory: join(folder, '.exosphere', 'postgres', 'data'),
    startedHere: true,
  });
  process.tell('release');
  await process.next('released');
  expect(await readFile(join(home.dataDirectory, 'PG_VERSION'), 'utf8')).toBe('18\n');
});

test('a folder that cannot be written gives a clear error', async () => {
  const { folder, ...user } = await ordinaryProject();
  await chmod(folder, 0o500);
  expect(await startUser(folder, user).next('failed')).toMatchObject({
    code: 'embedded-folder-unusable',
    message: expect.stringContaining(`Cannot use ${join(folder, '.exosphere')} (EACCES)`),
  });
});

test('a symbolic link in place of .exosphere is refused', async () => {
  const { folder } = await testProject();
  await mkdir(join(folder, 'other'));
  await symlink(join(folder, 'other'), join(folder, '.exosphere'));
  await expect(connectEmbedded({ folder })).rejects.toMatchObject({ code: 'embedded-folder-unusable' });
  expect(await readdir(join(folder, 'other'))).toEqual([]);
});

test('what there is to say of it is found without starting anything', async () => {
  const { folder, home } = await testProject();
  expect(await doctorEmbedded(folder)).toMatchObject({ state: 'absent', pid: null, dataBytes: 0, binaries: { found: true } });
  expect(await readdir(folder)).toEqual([]);
  const database = await connectEmbedded({ folder });
  const running = await doctorEmbedded(folder);
  expect(running).toMatchObject({ state: 'running', pid: await serverPid(home), port: database.connectionOptions.port, dataVersion: '18' });
  expect(running.dataBytes).toBeGreaterThan(2 ** 20);
  await database.release();
  expect(await doctorEmbedded(folder)).toMatchObject({ state: 'stopped', pid: null, port: null });
});

test.runIf(asRoot)('as root, the server runs for another user, with its data in a folder of the system', async () => {
  const { folder, home } = await testProject();
  const database = await connectEmbedded({ folder });
  expect(database.dataDirectory).toMatch(/^\/var\/lib\/exosphere\/[0-9a-f]{16}\/data$/);
  expect((await stat(home.dataDirectory)).uid).toBeGreaterThan(0);
  expect((await stat(`/proc/${await serverPid(home)}`)).uid).toBe((await stat(home.dataDirectory)).uid);
  await database.release();
});

test.runIf(asRoot)('as root, the data follow a folder that was moved, and not one that was copied', async () => {
  const { folder } = await testProject();
  const { folder: elsewhere } = await testProject();
  const [inner, moved, copied] = [join(folder, 'a'), join(elsewhere, 'b'), join(elsewhere, 'c')];
  for (const place of [inner, moved, copied]) onTestFinished(() => removeProject(place));
  await mkdir(inner);
  const user = startUser(inner);
  await user.next('connected');
  user.tell('create table seen as select 7 as n');
  await user.next('answer');

  await cp(inner, copied, { recursive: true });
  const copy = await connectEmbedded({ folder: copied });
  expect(await query(copy, `select to_regclass('seen') as found`)).toEqual([{ found: null }]);
  await copy.release();

  await rename(inner, moved);
  await expect(connectEmbedded({ folder: moved })).rejects.toMatchObject({ code: 'embedded-in-use-elsewhere', retryable: true });
  await user.kill();
  const database = await connectEmbedded({ folder: moved });
  expect(await query(database, 'select n from seen')).toEqual([{ n: 7 }]);
  await database.release();
});

async function removeProject(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await removeEmbedded(folder);
}

async function timed<T>(action: () => Promise<T>): Promise<{ readonly result: T; readonly ms: number }> {
  const began = performance.now();
  const result = await action();
  return { result, ms: Math.round(performance.now() - began) };
}

async function query(database: EmbeddedDatabase, statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

async function serverPid(home: DatabaseHome): Promise<number> {
  const postmaster = await readPostmasterFile(home);
  if (postmaster === null) throw new Error('no server runs');
  return postmaster.pid;
}
