import assert from 'node:assert/strict';
import { readDeliveries } from '../../src/store/postgres/delivery-reads.ts';
import { openSession, type Session } from '../../src/store/postgres/session.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { skip } from '../support/skip.ts';
import { type Deployment, newDeployment } from './deployment.ts';

const limit = 512;
/** Pages that one read may touch: those of its rows, a row of which takes a twelfth, and a way through the indexes. */
const few = 150;
/** Messages that wait, and that somebody has. */
const many = 20_000;
const held = 2_000;

describe('PostgreSQL: pages of a long queue', function () {
  this.timeout(120_000);
  let cluster: Postgres;
  let deployment: Deployment;
  let session: Session;

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    cluster = await startPostgres();
    deployment = await newDeployment(cluster);
    session = await openSession(deployment.settings);
    await session.query(`alter table ${table()} set (autovacuum_enabled = off)`);
  });

  after(async () => {
    await session?.end();
    await deployment?.close();
    await cluster?.remove();
  });

  function table(): string {
    return `${deployment.settings.schema}.delivery`;
  }

  /** Messages of two keys in turns. */
  async function fill(from: number, count: number, state: 0 | 1): Promise<void> {
    await session.query(
      `insert into ${table()} (id, since, expires, not_before, leased_at, deadline, dead_at, attempt, base, bytes, state,
         receipt, pool, sender, target, type, message, key, tail)
       select id, id, id + 86400000, 0, 0, 0, 0, ${state}, 0, 300, ${state}, true, 'pool', 's@h/r', 'p@d', 'chat', 'm', 'key' || id % 2,
         repeat('x', 400) from generate_series($1::bigint, $2::bigint) as id`,
      [from, from + count - 1],
    );
  }

  async function pagesTouched(): Promise<number> {
    await session.query('select pg_stat_force_next_flush()');
    const [found] = await session.query<{ pages: number }>(
      `select (heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)::integer as pages
       from pg_statio_all_tables where schemaname = $1 and relname = 'delivery'`,
      [deployment.settings.schema],
    );
    assert.ok(found);
    return found.pages;
  }

  /** Reads one page from the begin and one from the middle of what waits. */
  async function readTwo(from: number, key: string | undefined): Promise<void> {
    for (const after of [from - 1, from + many / 2 - 1]) {
      const before = await pagesTouched();
      const query = { pool: 'pool', after, limit, bytes: 1e9 };
      const asked = key === undefined ? { ...query, want: 'ready' as const } : { ...query, want: 'key' as const, key };
      const { rows, more } = await readDeliveries(session, deployment.settings.schema, 'here', asked);
      const touched = (await pagesTouched()) - before;
      const step = key === undefined ? 1 : 2;
      assert.deepEqual(
        rows.map(({ id }) => id),
        Array.from({ length: limit }, (_, index) => after + 1 + step * index),
      );
      assert.ok(more);
      assert.ok(touched < few, `${touched} pages`);
    }
  }

  const states: readonly (readonly [title: string, make: () => Promise<number>])[] = [
    [
      'before statistics were taken',
      async () => {
        await fill(1, held, 1);
        await fill(1_000_001, many, 0);
        return 1_000_001;
      },
    ],
    [
      'after statistics were taken of a queue that was empty',
      async () => {
        await session.query(`delete from ${table()} where state = 0`);
        await session.query(`analyze ${table()}`);
        await fill(2_000_001, many, 0);
        return 2_000_001;
      },
    ],
    [
      'after statistics were taken of a long queue',
      async () => {
        await session.query(`vacuum analyze ${table()}`);
        return 2_000_001;
      },
    ],
  ];
  for (const [title, make] of states) {
    it(`are read along the index, ${title}`, async () => {
      const from = await make();
      await readTwo(from, undefined);
      await readTwo(from, 'key1');
    });
  }
});
