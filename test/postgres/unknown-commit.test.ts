import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '../../src/store/postgres/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { accept, putMember } from '../store/samples.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { type PostgresWire, type Strand, startPostgresWire } from '../support/servers/postgres-wire.ts';
import { skip } from '../support/skip.ts';
import { ack, commit, until } from './commits.ts';
import { type Deployment, newDeployment } from './deployment.ts';
import { holdRow } from './held-row.ts';

describe('PostgreSQL: what became of a batch whose answer was lost', function () {
  this.timeout(60_000);
  let cluster: Postgres;
  let deployment: Deployment;
  let wire: PostgresWire;
  let store: Store;

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    cluster = await startPostgres();
  });

  beforeEach(async () => {
    deployment = await newDeployment(cluster);
    wire = await startPostgresWire(cluster.port);
    const hosts = [{ host: '127.0.0.1', port: wire.port }];
    store = await openStore({ ...deployment.settings, hosts, tls: 'disable' }, deployment.epoch);
    assert.deepEqual(await commit(store, [accept(1), accept(2)]), ['stored', 'stored']);
  });

  afterEach(async () => {
    await store?.close();
    await wire?.close();
    await deployment?.close();
  });

  after(async () => {
    await cluster?.remove();
  });

  /** The session that writes; it was the first. */
  function writing(): Strand {
    const [strand] = wire.strands;
    assert.ok(strand);
    return strand;
  }

  const count = async (table: string): Promise<number> => {
    const rows = await cluster.sql(`select count(*)::integer as n from ${deployment.settings.schema}.${table}`);
    return Number(rows[0]?.['n']);
  };
  const tally = async (): Promise<unknown> => {
    const { accepted, acknowledged } = (await store.load()).queues[0]?.tally ?? {};
    return { accepted, acknowledged };
  };
  const changes = [accept(3), ack(1), ack(1), accept(4), ack(4), ack(99), putMember('a')];
  const told = ['stored', 'stored', 'stale', 'stored', 'stored', 'stale', 'stored'];

  it('was written: it is told as it was, and not written again', async () => {
    writing().holdAnswers();
    const results = commit(store, changes);
    await until(async () => (await count('member')) === 1);
    writing().cut();
    assert.deepEqual(await results, told);
    assert.deepEqual(await tally(), { accepted: 4, acknowledged: 2 });
    assert.deepEqual(store.health, { ok: true });
    assert.deepEqual(await commit(store, [accept(5)]), ['stored']);
    assert.equal(await count('batch'), 1);
  });

  it('never arrived: it is written by another connection', async () => {
    writing().holdRequests();
    const results = commit(store, changes);
    await until(() => writing().held > 0);
    writing().cut();
    assert.deepEqual(await results, told);
    assert.deepEqual(await tally(), { accepted: 4, acknowledged: 2 });
  });

  it('arrives after it was written by another connection: nothing is written twice', async () => {
    writing().holdRequests();
    const results = commit(store, changes);
    await until(() => writing().held > 0);
    writing().cut();
    assert.deepEqual(await results, told);
    writing().release();
    await writes(0);
    assert.deepEqual(await tally(), { accepted: 4, acknowledged: 2 });
    assert.deepEqual(await commit(store, [accept(5)]), ['stored']);
  });

  it('arrives after the batch that followed it: nothing is written twice', async () => {
    writing().holdRequests();
    const results = commit(store, changes);
    await until(() => writing().held > 0);
    writing().cut();
    assert.deepEqual(await results, told);
    assert.deepEqual(await commit(store, [accept(5)]), ['stored']);
    writing().release();
    await writes(0);
    assert.deepEqual(await tally(), { accepted: 5, acknowledged: 2 });
    assert.deepEqual(await commit(store, [accept(6)]), ['stored']);
  });

  it('cannot be written when it is asked for again: it is told so, and not written when it arrives late', async () => {
    writing().holdRequests();
    const results = commit(store, changes);
    await until(() => writing().held > 0);
    const table = `${deployment.settings.schema}.delivery`;
    await cluster.sql(`alter table ${table} rename to elsewhere`);
    writing().cut();
    assert.deepEqual(new Set(await results), new Set(['io']));
    await cluster.sql(`alter table ${table.replace('delivery', 'elsewhere')} rename to delivery`);
    writing().release();
    await writes(0);
    assert.deepEqual(await tally(), { accepted: 2, acknowledged: 0 });
    assert.deepEqual(await commit(store, changes), told);
    assert.equal(await count('batch'), 1);
  });

  it('is written while it is asked about: the answer waits for it', async () => {
    // Another holds a row that the batch needs.
    const letGo = await holdRow(cluster, deployment.settings.schema, 1);
    const results = commit(store, changes);
    await until(async () => (await sessions("wait_event_type = 'Lock'")) === 1);
    writing().holdAnswers();
    writing().cut();
    await until(async () => (await sessions("wait_event_type = 'Lock'")) === 2);
    await letGo();
    assert.deepEqual(await results, told);
    assert.deepEqual(await tally(), { accepted: 4, acknowledged: 2 });
  });

  it('cannot be told while the database is away: it waits, what comes is refused, and it is told when it is back', async () => {
    writing().holdAnswers();
    const results = commit(store, changes);
    await until(async () => (await count('member')) === 1);
    wire.open = false;
    writing().cut();
    await until(() => !store.health.ok);
    assert.deepEqual(await commit(store, [accept(5)]), ['unreachable']);
    const loaded = store.load();
    wire.open = true;
    assert.deepEqual(await results, told);
    assert.equal((await loaded).members.length, 1);
    await until(() => store.health.ok);
    assert.deepEqual(await tally(), { accepted: 4, acknowledged: 2 });
    assert.equal(store.stats.restarts, 0);
  });

  it('cannot be told before the store is closed: it is told as unknown, and the store closes', async () => {
    writing().holdAnswers();
    const results = commit(store, changes);
    await until(async () => (await count('member')) === 1);
    wire.open = false;
    writing().cut();
    await store.close();
    assert.deepEqual(new Set(await results), new Set(['writer-died']));
  });

  it('is not answered by a server that is silent: the store closes all the same', async () => {
    writing().holdAnswers();
    const results = commit(store, changes);
    await until(async () => (await count('member')) === 1);
    await store.close();
    assert.deepEqual(new Set(await results), new Set(['writer-died']));
  });

  it('is waited for by a store that closes, when there are many that take some time', async () => {
    await commit(store, [accept(3)]);
    // Another holds the row of each for longer than the one before.
    const lettingGo = await Promise.all([1, 2, 3].map((id) => holdRow(cluster, deployment.settings.schema, id)));
    const first = commit(store, [ack(1)]);
    await until(async () => (await sessions("wait_event_type = 'Lock'")) === 1);
    const others = [2, 3].map((id) => commit(store, [ack(id), ...Array.from({ length: 4_000 }, () => ack(99))]));
    const closed = store.close();
    for (const letGo of lettingGo) {
      await sleep(1_200);
      await letGo();
    }
    await closed;
    const answers = await Promise.all([first, ...others]);
    assert.deepEqual(
      answers.map(([answer]) => answer),
      ['stored', 'stored', 'stored'],
    );
  });

  it('is not waited for by a batch: a read that takes long, which has a connection of its own', async () => {
    await store.load();
    const reading = wire.strands.at(-1);
    assert.ok(reading !== undefined && reading !== writing());
    reading.holdAnswers();
    const rows = store.read({ want: 'ids', pool: 'jobs', ids: [1] });
    assert.deepEqual(await commit(store, changes), told);
    reading.release();
    assert.equal((await rows).rows.length, 1);
  });

  it('has a number above all of its epoch, though the clock was ahead before', async () => {
    await store.close();
    const ahead = (Date.now() + 3_600_000) * 1024;
    const { schema } = deployment.settings;
    await cluster.sql(`update ${schema}.batch set number = ${ahead}`);
    store = await openStore(deployment.settings, deployment.epoch);
    assert.deepEqual(await commit(store, changes), told);
    assert.deepEqual(await commit(store, [accept(9)]), ['stored']);
    assert.equal(await count('batch'), 1);
  });

  it('is known when the session is ended by an operator amid batches', async () => {
    const { schema } = deployment.settings;
    const end = `select pg_terminate_backend(pid) from pg_stat_activity where query like '%"${schema}".write_batch%' and pid <> pg_backend_pid()`;
    const accepted = new Set([1, 2]);
    for (let round = 0; round < 5; round += 1) {
      await until(() => store.health.ok);
      const ids = Array.from({ length: 2_000 }, (_, index) => 100 + 2_000 * round + index);
      const results = commit(
        store,
        ids.map((id) => accept(id)),
      );
      await sleep(20 * Math.random());
      await cluster.sql(end);
      const answers = await results;
      assert.ok(
        answers.every((answer) => answer === 'stored' || answer === 'unreachable'),
        answers.join(),
      );
      for (const [index, id] of ids.entries()) if (answers[index] === 'stored') accepted.add(id);
    }
    await until(() => store.health.ok);
    const { rows } = await store.read({ want: 'list', pool: 'jobs', states: ['ready'], after: 0, limit: 20_000 });
    assert.deepEqual(new Set(rows.map(({ id }) => id)), accepted);
    assert.deepEqual(await tally(), { accepted: accepted.size, acknowledged: 0 });
  });

  async function sessions(which: string): Promise<number> {
    return (await cluster.sql(`select from pg_stat_activity where pid <> pg_backend_pid() and ${which}`)).length;
  }

  /** Waits until no more than so many sessions write. */
  async function writes(most: number): Promise<void> {
    await until(async () => (await sessions("query like '%write_batch%' and state = 'active'")) <= most);
  }
});
