import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { StoreError } from '../../src/store/error.ts';
import { QueryError } from '../../src/store/postgres/query-error.ts';
import { openSession, type Session } from '../../src/store/postgres/session.ts';
import type { ConnectionSettings } from '../../src/store/postgres/settings.ts';
import { freePorts, listenOnFreePort } from '../support/free-ports.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { settingsFor } from '../support/servers/postgres-settings.ts';
import { skip } from '../support/skip.ts';

function failed(kind: string, text: RegExp) {
  return (error: unknown): boolean => {
    ok(error instanceof StoreError, String(error));
    equal(error.kind, kind, error.message);
    match(error.message, text);
    return true;
  };
}

async function pidOf(session: Session): Promise<number> {
  return (await session.query<{ pid: number }>('select pg_backend_pid() as pid'))[0]?.pid ?? 0;
}

describe('a session with PostgreSQL', () => {
  let cluster: Postgres;
  let sessions: Session[] = [];
  const lost: StoreError[] = [];
  const open = async (settings: ConnectionSettings, onLost?: (error: StoreError) => void): Promise<Session> => {
    const session = await openSession(settings, onLost ?? ((error) => lost.push(error)));
    sessions.push(session);
    return session;
  };

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    cluster = await startPostgres({ login: 'scram-sha-256' });
    await cluster.createRole('switchyard', 'sesame');
    await cluster.createDatabase('switchyard', 'switchyard');
  });

  afterEach(async () => {
    for (const session of sessions) await session.end();
    sessions = [];
    lost.splice(0);
  });

  after(async () => {
    await cluster?.remove();
  });

  const ours = (more = {}) =>
    settingsFor([cluster], { user: 'switchyard', password: 'sesame', database: 'switchyard', ...more });

  it('runs statements one after the other, gives bigints as numbers, and goes on after an error', async () => {
    const session = await open(ours());
    const rows = await Promise.all([
      session.query<{ n: number }>('select $1::bigint as n', [2 ** 40]),
      rejects(session.query('select 1 / $1::int', [0]), (error) => {
        ok(error instanceof QueryError);
        deepEqual([error.outcome, error.state], ['failed', '22012']);
        return true;
      }),
      session.query<{ text: string }>('select $1 as text', ["o'clock"]),
    ]);
    deepEqual([rows[0], rows[2]], [[{ n: 2 ** 40 }], [{ text: "o'clock" }]]);
    await session.script('create table a (b int); create table c (d int);');
    await session.script('drop table a; drop table c;');
    deepEqual(lost, []);
  });

  it('says that a statement may have been done when its connection is ended, and that it is lost, once', async () => {
    const session = await open(ours());
    const pid = await pidOf(session);
    const running = session.query('select pg_sleep(60)');
    const refused = rejects(running, (error) => {
      ok(error instanceof QueryError);
      deepEqual([error.kind, error.outcome, lost.length], ['unreachable', 'unknown', 1]);
      return true;
    });
    // Sent, and begun.
    while ((await cluster.sql(`select 1 from pg_stat_activity where pid = ${pid} and query ~ 'sleep'`)).length === 0);
    await cluster.sql(`select pg_terminate_backend(${pid})`);
    await refused;
    await rejects(session.query('select 1'), (error) => error instanceof QueryError && error.outcome === 'failed');
    equal(lost.length, 1);
  });

  it('is lost when it is idle and the server ends', async () => {
    let told: (error: StoreError) => void = () => {};
    const ended = new Promise<StoreError>((resolve) => {
      told = resolve;
    });
    await open(ours(), (error) => told(error));
    await cluster.restart();
    equal((await ended).kind, 'unreachable');
  });

  it('says that a server offers no TLS, or is no PostgreSQL, instead that it cannot be reached', async () => {
    await rejects(open(ours({ tls: 'require' })), failed('unreachable', /does not offer TLS, and sslmode .*ssl = on/));
    const other = createServer((socket) => socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const port = await listenOnFreePort(other);
    try {
      const hosts = [{ host: '127.0.0.1', port }];
      for (const tls of ['prefer', 'require']) {
        await rejects(open(ours({ hosts, tls })), failed('unreachable', /not PostgreSQL.*Compare host and port/));
      }
    } finally {
      other.close();
    }
  });

  it('takes no answer within the limit for a lost connection', async () => {
    const session = await open(ours());
    await rejects(session.query('select pg_sleep(60)', [], 200), (error) => {
      ok(error instanceof QueryError);
      deepEqual([error.kind, error.outcome], ['unreachable', 'unknown']);
      match(error.message, /no answer for 0.2 s/);
      return true;
    });
    equal(lost.length, 1);
  });

  it('says that it is not known what became of a commit whose wait for the standby was cancelled', async () => {
    const session = await open(ours());
    await session.query('create table waited (n int)');
    await cluster.set({ synchronous_standby_names: 'nobody' });
    const pid = await pidOf(session);
    const committed = rejects(
      session.query('insert into waited values ($1)', [1]),
      (error) => error instanceof QueryError && error.outcome === 'unknown',
    );
    const waits = `select 1 from pg_stat_activity where pid = ${pid} and wait_event = 'SyncRep'`;
    while ((await cluster.sql(waits)).length === 0);
    await cluster.sql(`select pg_cancel_backend(${pid})`);
    await committed;
    await cluster.set({ synchronous_standby_names: '' });
  });

  it('uses the first host that takes writes', async () => {
    const standby = await startPostgres({ follows: cluster, login: 'trust' });
    const [closed = 0] = await freePorts(1);
    try {
      const more = { user: 'switchyard', password: 'sesame', database: 'switchyard' };
      const session = await open(settingsFor([{ port: closed }, standby, cluster], more));
      equal(session.host, `127.0.0.1:${cluster.port}`);
      await rejects(
        open(settingsFor([{ port: closed }, standby], more)),
        failed('read-only', /no host can be used: .*ECONNREFUSED.*it is a standby, and takes no writes.*primary/),
      );
      await rejects(open(settingsFor([standby], more)), failed('read-only', /it is a standby/));
    } finally {
      await standby.remove();
    }
  });

  it('says why it is not let in, and never the password', async () => {
    const without = (error: unknown) => !(error instanceof Error && /sesame|Wrong/.test(error.message + error.stack));
    const cases = [
      [{ password: 'Wrong' }, 'denied', /does not accept the role or its password.*28P01/],
      [{ password: undefined }, 'denied', /asks for a password, and none is configured/],
      [{ user: 'nobody-here' }, 'denied', /does not accept the role/],
      [{ database: 'nothing-here' }, 'denied', /no such database/],
      [{ tls: 'require' }, 'unreachable', /does not support SSL/],
    ] as const;
    for (const [more, kind, text] of cases) {
      await rejects(open(ours(more)), (error) => failed(kind, text)(error) && without(error));
    }
  });

  it('refuses a server that may lose what it has confirmed, unless that is allowed', async () => {
    await cluster.sql('alter role switchyard set synchronous_commit = off');
    await rejects(open(ours()), failed('unsafe', /synchronous_commit is off.*allowUnsafe/));
    await open(ours({ allowUnsafe: true }));
    await cluster.sql('alter role switchyard reset synchronous_commit');
    await cluster.set({ fsync: 'off', full_page_writes: 'off' });
    const off = "select 1 where current_setting('fsync') = 'off'";
    while ((await cluster.sql(off)).length === 0);
    await rejects(open(ours()), failed('unsafe', /fsync and full_page_writes are off/));
    await cluster.set({ fsync: 'on', full_page_writes: 'on' });
    while ((await cluster.sql(off)).length > 0);
  });

  it('refuses read-only transactions and another encoding than UTF-8', async () => {
    await cluster.sql('alter role switchyard set default_transaction_read_only = on');
    await rejects(open(ours()), failed('read-only', /its transactions are read-only/));
    await cluster.sql('alter role switchyard reset default_transaction_read_only');
    await cluster.sql("create database latin encoding 'LATIN1' locale 'C' template template0");
    await rejects(open(ours({ database: 'latin' })), failed('denied', /encoding of the database is LATIN1/));
  });

  it('gives up a host that accepts and says nothing', async () => {
    const accepted: Socket[] = [];
    const silent = createServer((socket) => accepted.push(socket));
    const port = await listenOnFreePort(silent);
    try {
      await rejects(
        open(settingsFor([{ port }], { connectTimeout: 300 })),
        failed('unreachable', /no answer for 0.3 s/),
      );
      const more = { user: 'switchyard', password: 'sesame', database: 'switchyard', tls: 'disable' } as const;
      await open(settingsFor([{ port }, cluster], { ...more, connectTimeout: 5_000 }));
      // The next host is not kept waiting for all of it: this would be longer than a test may take.
      const session = await open(settingsFor([{ port }, cluster], { ...more, connectTimeout: 120_000 }));
      equal(session.host, `127.0.0.1:${cluster.port}`);
    } finally {
      for (const socket of accepted) socket.destroy();
      silent.close();
    }
  });
});
