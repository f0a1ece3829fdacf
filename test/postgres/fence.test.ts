import assert from 'node:assert/strict';
import { openStore } from '../../src/store/postgres/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { accept, conversation, putMember } from '../store/samples.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { type PostgresWire, type Strand, startPostgresWire } from '../support/servers/postgres-wire.ts';
import { skip } from '../support/skip.ts';
import { ack, commit, until } from './commits.ts';
import { claimDeployment, type Deployment, newDeployment } from './deployment.ts';
import { holdRow } from './held-row.ts';

describe('PostgreSQL: who has lost the lease', function () {
  this.timeout(60_000);
  let cluster: Postgres;
  let old: Deployment;
  let wire: PostgresWire;
  let store: Store;
  const opened: { close(): Promise<void> }[] = [];

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    cluster = await startPostgres();
  });

  beforeEach(async () => {
    old = await newDeployment(cluster);
    wire = await startPostgresWire(cluster.port);
    const hosts = [{ host: '127.0.0.1', port: wire.port }];
    store = await openStore({ ...old.settings, hosts, tls: 'disable' }, old.epoch);
    opened.push(old, wire, store);
    assert.deepEqual(await commit(store, [accept(1), accept(2), putMember('a')]), ['stored', 'stored', 'stored']);
  });

  afterEach(async () => {
    for (const one of opened.splice(0).toReversed()) await one.close();
  });

  after(async () => {
    await cluster?.remove();
  });

  /** Another instance has the lease from now on. */
  async function takeOver(): Promise<Store> {
    await old.database.release(old.epoch);
    const next = await claimDeployment(old.settings);
    opened.push(next);
    assert.equal(next.epoch, old.epoch + 1);
    const another = await openStore(next.settings, next.epoch);
    opened.push(another);
    return another;
  }

  function writing(): Strand {
    const [strand] = wire.strands;
    assert.ok(strand);
    return strand;
  }

  const changes = [accept(3), ack(1), putMember('b'), conversation('s@h', 1)];
  const fenced = changes.map(() => 'fenced');

  async function assertUntouched(by: Store): Promise<void> {
    const { queues, members, conversations } = await by.load();
    assert.deepEqual([queues[0]?.tally.accepted, queues[0]?.open, members.length, conversations.length], [2, 2, 1, 0]);
  }

  it('writes nothing any more, is told so, and is never healthy again', async () => {
    const another = await takeOver();
    assert.deepEqual(await commit(store, changes), fenced);
    assert.match(store.health.ok ? '' : store.health.reason, /another instance has the lease/);
    assert.deepEqual(await commit(store, [ack(1)]), ['fenced']);
    await assert.rejects(store.read({ want: 'ids', pool: 'jobs', ids: [1] }), { kind: 'fenced' });
    await assertUntouched(another);
    assert.deepEqual(await commit(another, changes), ['stored', 'stored', 'stored', 'stored']);
    await store.close();
  });

  it('writes nothing by a batch that it sent before and that arrives after', async () => {
    writing().holdRequests();
    const results = commit(store, changes);
    await until(() => writing().held > 0);
    const another = await takeOver();
    writing().release();
    assert.deepEqual(await results, fenced);
    await assertUntouched(another);
  });

  it('writes nothing by such a batch when its connection was lost meanwhile', async () => {
    writing().holdRequests();
    const results = commit(store, changes);
    await until(() => writing().held > 0);
    wire.open = false;
    writing().cut();
    const another = await takeOver();
    writing().release();
    wire.open = true;
    assert.deepEqual(await results, fenced);
    await assertUntouched(another);
  });

  it('is told of a batch that was written before: it is stored', async () => {
    writing().holdAnswers();
    const results = commit(store, changes);
    await until(async () => (await cluster.sql(`select from ${old.settings.schema}.member`)).length === 2);
    wire.open = false;
    writing().cut();
    const another = await takeOver();
    assert.deepEqual(await commit(another, [accept(9)]), ['stored']);
    wire.open = true;
    assert.deepEqual(await results, ['stored', 'stored', 'stored', 'stored']);
    assert.deepEqual(await commit(store, [ack(2)]), ['fenced']);
    assert.equal((await another.load()).queues[0]?.tally.accepted, 4);
  });

  it('has a claim wait for the batch that is being written', async () => {
    const { schema } = old.settings;
    const waits = async (query: string): Promise<boolean> =>
      (await cluster.sql(`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%${query}%'`))
        .length > 0;
    // Another holds a row that the batch needs.
    const letGo = await holdRow(cluster, schema, 1);
    const results = commit(store, changes);
    await until(() => waits('write_batch'));
    await old.database.release(old.epoch);
    const claiming = claimDeployment(old.settings);
    await until(() => waits('claim'));
    await letGo();
    assert.deepEqual(await results, ['stored', 'stored', 'stored', 'stored']);
    opened.push(await claiming);
    assert.deepEqual(await commit(store, [ack(2)]), ['fenced']);
  });
});
