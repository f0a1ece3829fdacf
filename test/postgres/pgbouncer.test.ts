import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresDatabase } from '../../src/store/postgres/database.ts';
import { QueryError } from '../../src/store/postgres/query-error.ts';
import { openSession } from '../../src/store/postgres/session.ts';
import { type Fixture, storeContract } from '../store/contract.ts';
import { deliveryContract } from '../store/delivery-contract.ts';
import { accept } from '../store/samples.ts';
import { temporaryDirectory } from '../store/temporary.ts';
import { type Pgbouncer, pgbouncerMissing, startPgbouncer } from '../support/servers/pgbouncer.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { settingsFor } from '../support/servers/postgres-settings.ts';
import { skip } from '../support/skip.ts';
import { back, inFile, there, withFile } from './moving.ts';

const minute = 60_000;

describe('PostgreSQL behind PgBouncer in transaction mode', () => {
  let cluster: Postgres;
  let pooler: Pgbouncer;
  let schemas = 0;

  before(async function () {
    const missing = postgresMissing() ?? pgbouncerMissing();
    if (missing !== undefined) skip(this, missing);
    cluster = await startPostgres();
    pooler = await startPgbouncer(cluster, 2);
  });

  after(async () => {
    await pooler?.remove();
    await cluster?.remove();
  });

  function instance(name: string): PostgresDatabase {
    const settings = settingsFor([pooler], { schema: `pooled${schemas}` });
    return new PostgresDatabase({ settings, domain: 'pools.example.org', name, version: '1' });
  }

  it('has sessions whose statements each get any connection', async () => {
    const sessions = await Promise.all(Array.from({ length: 6 }, () => openSession(settingsFor([pooler]))));
    const pids = new Set<number>();
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(
        sessions.map(async (session, index) => {
          const [row] = await session.query<{ pid: number; index: number }>(
            'select pg_backend_pid() as pid, $1::int as index, pg_sleep(0.001)',
            [index],
          );
          equal(row?.index, index);
          pids.add(row?.pid ?? 0);
          await rejects(session.query('select $1::int / 0', [1]), (error) => {
            ok(error instanceof QueryError);
            return error.outcome === 'failed';
          });
        }),
      );
    }
    equal(pids.size, 2);
    for (const session of sessions) await session.end();
  });

  it('has one lease, and goes on when pooler and database have ended', async () => {
    schemas += 1;
    const racers = Array.from({ length: 8 }, (_, index) => instance(`racer ${index}`));
    await Promise.all(racers.map((racer) => racer.beat(undefined, minute)));
    const views = await Promise.all(racers.map((racer) => racer.claim(minute)));
    const winners = racers.filter((racer, index) => views[index]?.owner === racer.id);
    equal(winners.length, 1);
    for (const end of [() => pooler.restart(), () => cluster.restart()]) {
      await end();
      for (const racer of racers) await goesOn(() => racer.beat(racer === winners[0] ? 1 : undefined, minute));
    }
    const view = await winners[0]?.beat(1, minute);
    deepEqual([view?.owner, view?.epoch, view?.instances.length], [winners[0]?.id, 1, 8]);
    for (const racer of racers) await racer.close();
  });

  it('keeps what was committed while its sessions were ended', async () => {
    schemas += 1;
    const one = instance('one');
    const { epoch } = await one.claim(minute);
    const store = await one.openStore(epoch);
    const ids = Array.from({ length: 200 }, (_, index) => index + 1);
    const kept: number[] = [];
    const refused: number[] = [];
    for (const id of ids) {
      store.commit(accept(id), (error) => (error === undefined ? kept : refused).push(id));
      if (id === 50) await pooler.restart();
      if (id === 120) await cluster.restart();
      await sleep(1);
    }
    await store.flush();
    equal(kept.length + refused.length, ids.length);
    const [row] = await cluster.sql(`select array_agg(id order by id) as ids from pooled${schemas}.delivery`);
    deepEqual(row?.['ids'], kept.sort((a, b) => a - b).map(String));
    await goesOn(
      () => new Promise((resolve, reject) => store.commit(accept(1000), (e) => (e ? reject(e) : resolve(1)))),
    );
    await store.close();
    await one.close();
  });

  async function open(): Promise<Fixture> {
    schemas += 1;
    const database = instance('contract');
    const { epoch } = await database.claim(minute);
    const store = await database.openStore(epoch);
    const dispose = async (): Promise<void> => {
      await store.close();
      await database.close();
    };
    return { store, dispose };
  }

  for (const contract of [storeContract, deliveryContract]) contract('PostgreSQL behind PgBouncer', open);

  it('has a store moved to it, and from it', async function () {
    this.timeout(minute);
    const directory = temporaryDirectory();
    try {
      const [file, again] = [join(directory.path, 'a.db'), join(directory.path, 'b.db')];
      const settings = settingsFor([pooler], { schema: 'pooled_move' });
      await withFile(file, async (store) => {
        for (let id = 1; id <= 2500; id += 1) store.commit(accept(id));
        await store.flush();
      });

      it('was asked for nothing that it cannot do, but once for limits of a session', () => {
        const log = readFileSync(pooler.logFile, 'utf8');
        deepEqual(
          log.split('\n').filter((line) => /prepared statement|unsupported/.test(line) && !line.includes('parameter')),
          [],
        );
      });
      const before = await inFile(file);
      await there(file, settings);
      await back(settings, again);
      deepEqual(await inFile(again), before);
    } finally {
      directory.remove();
    }
  });
});

/** Tries until it is done, as who uses it does. */
async function goesOn(ask: () => Promise<unknown>): Promise<void> {
  for (const deadline = Date.now() + 45_000; ; await sleep(50)) {
    try {
      await ask();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
