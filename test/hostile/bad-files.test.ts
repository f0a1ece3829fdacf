import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { prepareRouter } from '../support/router/router-process.ts';
import { FakeServer } from '../support/servers/fake-server.ts';
import { skip } from '../support/skip.ts';
import { SwitchyardFolder } from './switchyard-command.ts';

describe('bad files: switchyard run', () => {
  let folder: SwitchyardFolder;
  let sound: Uint8Array;

  before(async () => {
    folder = new SwitchyardFolder();
    folder.configure(1);
    equal((await folder.run('migrate')).code, 0);
    sound = readFileSync(database());
    folder.remove();
  });

  beforeEach(() => {
    folder = new SwitchyardFolder();
    folder.configure(1);
  });

  afterEach(() => folder.remove());

  const database = (): string => join(folder.path, 'switchyard.db');
  const digest = (): string => createHash('sha256').update(readFileSync(database())).digest('hex');

  function edit(sql: string): void {
    const connection = new Database(database());
    connection.exec(sql);
    connection.close();
  }

  const configurations: readonly (readonly [string, () => void, RegExp])[] = [
    ['is missing', () => rmSync(folder.config), /component\.config\.json.*(not|no) /s],
    ['is no JSON', () => folder.write('component.config.json', '{ "component": { } '), /component\.config\.json/],
    [
      'is a directory',
      () => {
        rmSync(folder.config);
        mkdirSync(folder.config);
      },
      /directory|folder/,
    ],
    [
      'is wrong in five places',
      () => {
        const pools = { jobs: { workers: ['a*b@@'] }, more: {} };
        folder.configure(70_000, { pools, log: { levle: 'info' } }, { secret: undefined });
      },
      /^The configuration has 5 errors:\n(?=.*component\.service)(?=.*component\.secret)(?=.*pools\.jobs\.workers)(?=.*pools\.more\.workers)(?=.*"level")/s,
    ],
    [
      'names a file for the secret that is not there',
      () => folder.configure(1, {}, { secret: undefined, secretFile: 'none' }),
      /secretFile/,
    ],
    [
      'asks for a database and does not say where',
      () => folder.configure(1, { store: { driver: 'postgres' } }),
      /store\.url/,
    ],
  ];
  for (const [what, prepare, text] of configurations) {
    it(`ends with code 2 when the configuration ${what}, and says so`, async () => {
      prepare();
      const { code, output, errors } = await folder.run('run');
      equal(code, 2, errors + output);
      equal(output, '');
      match(errors, text);
      ok(!/\n\s+at .*:\d+:\d+/.test(errors), 'no stack trace');
      ok(!errors.includes('s3cret'));
    });
  }

  const databases: readonly (readonly [string, () => void, RegExp])[] = [
    ['is no database', () => folder.write('switchyard.db', 'Dear diary'), /no SQLite database/],
    [
      'is damaged',
      () => {
        const bytes = readFileSync(database());
        bytes.fill(0x5a, 100, bytes.length);
        folder.write('switchyard.db', bytes);
      },
      /damaged/,
    ],
    [
      'is cut short',
      () => folder.write('switchyard.db', readFileSync(database()).subarray(0, 5000)),
      /damaged|no SQLite/,
    ],
    ['is of a newer version', () => edit(`insert into migration values (9999, '9999_future.sql', 'x', 0)`), /newer/],
    [
      'is of another program',
      () => {
        rmSync(database());
        edit('create table theirs (a)');
      },
      /another program/,
    ],
  ];
  for (const [what, prepare, text] of databases) {
    it(`ends with code 1 when the database ${what}, says so, and leaves it as it was`, async () => {
      folder.write('switchyard.db', sound);
      prepare();
      const before = digest();
      const { code, output, errors } = await folder.run('run');
      equal(code, 1, errors + output);
      equal(errors, '');
      const lines = output.trim().split('\n');
      equal(lines.length, 1, output);
      const line: unknown = JSON.parse(lines[0] ?? '');
      ok(typeof line === 'object' && line !== null && 'msg' in line && 'level' in line);
      equal(line.level, 'fatal');
      match(String(line.msg), text);
      ok(String(line.msg).includes('switchyard.db'));
      equal(digest(), before);
    });
  }

  it('ends with code 1 where nothing can be written', async function () {
    if (process.platform !== 'linux') skip(this, 'only Linux has a folder that not even root may write to');
    // Not even root may make a file there.
    folder.configure(1, { store: { file: '/sys/switchyard.db' } });
    const { code, output } = await folder.run('run');
    equal(code, 1);
    match(output, /\/sys\/switchyard\.db: .*cannot be written.*write permission/);
  });

  it('ends with code 1 when another router has the database, which goes on', async () => {
    const fake = await FakeServer.start();
    const router = prepareRouter({
      componentPort: fake.port,
      domain: 'pools.localhost',
      secret: 's3cret',
      pools: { jobs: { workers: ['worker@localhost'] } },
    });
    try {
      await router.start('listening');
      // Or it would try again after a while, and be taken for the check.
      await fake.attach();
      folder.configure(1, { store: { file: join(router.folder, 'switchyard.db') } });
      const { code, output } = await folder.run('run');
      equal(code, 1);
      match(output, /another Switchyard has this database open/);
      equal((await router.get('/healthz')).status, 200);
      const checked = await folder.run('check', '--offline');
      deepEqual([checked.code, checked.errors], [0, '']);
      match(checked.output, /in use by a running router/);
      const online = await folder.run('check');
      deepEqual([online.code, fake.connections], [0, 1]);
      match(online.output, /note {2}router: one runs, by its database/);
    } finally {
      await router.remove();
      await fake.stop();
    }
  });

  it('ends with code 1 when its HTTP port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => {
      server.once('listening', resolve);
    });
    try {
      const { port } = server.address() as AddressInfo;
      folder.configure(1, { http: { listen: `127.0.0.1:${port}` } });
      const { code, output } = await folder.run('run');
      equal(code, 1);
      match(output, new RegExp(`127\\.0\\.0\\.1:${port}`));
      ok(!readdirSync(folder.path).some((name) => name.endsWith('-journal')));
    } finally {
      server.close();
    }
  });
});
