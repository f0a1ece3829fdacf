import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { ChangeList } from '../../src/store/change-list.ts';
import type { Store } from '../../src/store/store.ts';
import { accept, leased, member, putMember } from '../store/samples.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { skip } from '../support/skip.ts';
import { ack, commit } from './commits.ts';
import { type Deployment, newDeployment } from './deployment.ts';
import { openDirect } from './direct-writer.ts';

describe('PostgreSQL: what it does not take, and what it does', () => {
  let cluster: Postgres;
  let deployment: Deployment;
  let store: Store;

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    cluster = await startPostgres();
  });

  beforeEach(async () => {
    deployment = await newDeployment(cluster);
    store = await deployment.database.openStore(deployment.epoch);
  });

  afterEach(async () => {
    await store?.close();
    await deployment?.close();
  });

  after(async () => {
    await cluster?.remove();
  });

  it('leaves out a change that the database does not take, and writes its neighbours', async () => {
    const results = await commit(store, [
      putMember('a'),
      putMember('half', { sequence: 1.5 }),
      putMember('nul', { label: 'a\0b' }),
      { op: 'put-order', pool: 'jobs', jid: 'w@h/1', held: undefined, weight: 5_000 },
      { op: 'put-order', pool: 'jobs', jid: 'w@h/2', held: undefined, weight: 5 },
      putMember('c'),
    ]);
    assert.deepEqual(results, ['stored', 'refused', 'refused', 'refused', 'stored', 'stored']);
    const { members, orders } = await store.load();
    assert.deepEqual(members, [member('a'), member('c')]);
    assert.deepEqual(orders, [{ pool: 'jobs', jid: 'w@h/2', held: undefined, weight: 5 }]);
    assert.deepEqual(store.health, { ok: true });
    assert.equal(store.stats.failed, 3);
  });

  it('leaves out a message whole that the database takes in part, and does not count it', async () => {
    const results = await commit(store, [
      accept(1),
      accept(2, {}, 'not hexadecimal'),
      ack(9),
      accept(3, { tail: 'a\0b' }),
      accept(4, leased),
      ack(4),
      ack(2),
      ack(1),
      ack(1),
    ]);
    const expected = ['stored', 'refused', 'stale', 'refused', 'stored', 'stored', 'stale', 'stored', 'stale'];
    assert.deepEqual(results, expected);
    const [queue] = (await store.load()).queues;
    assert.deepEqual([queue?.tally.accepted, queue?.tally.acknowledged, queue?.open, queue?.duplicates], [2, 2, 0, []]);
  });

  it('takes names of any length that an address may have, and keys and stanzas that do not fit into a page', async () => {
    // Nothing of it can be compressed.
    const random = (bytes: number): string => randomBytes(bytes / 2).toString('hex');
    const jid = `${random(1022)}@${random(1022)}/${random(1022)}`;
    const tail = random(256 * 1024);
    const key = random(4_000);
    const pool = random(1022);
    const row = accept(1, { pool, sender: jid, worker: jid, key, tail, state: 'leased', attempt: 1 });
    const waiting = accept(2, { pool, sender: jid, key, tail });
    assert.deepEqual(
      await commit(store, [
        row,
        waiting,
        putMember('a', { pool, jid, label: jid }),
        { op: 'put-conversation', pool, sender: jid, worker: jid, at: 1 },
        { op: 'put-alias', pool, sender: jid, key: 'k', at: 1 },
        { op: 'put-subscription', pool, peer: jid, state: 'both', ask: false },
      ]),
      ['stored', 'stored', 'stored', 'stored', 'stored', 'stored'],
    );
    const { rows } = await store.read({ want: 'key', pool, key, after: 0, limit: 10, bytes: 1e9 });
    assert.deepEqual(
      rows.map(({ id, tail: text }) => [id, text.length]),
      [[2, tail.length]],
    );
    const { members, conversations, aliases, subscriptions } = await store.load();
    for (const list of [members, conversations, aliases, subscriptions]) assert.equal(list.length, 1);
  });

  it('tries by an empty batch whether there is room, and leaves nothing of that', async () => {
    const { schema } = deployment.settings;
    const written = async (): Promise<unknown> =>
      (await cluster.sql(`select number, empty from ${schema}.batch order by number`))[0]?.['empty'];
    await commit(store, [accept(1, {}, '00'.repeat(16))]);
    assert.equal(await written(), false);
    const writer = await openDirect(deployment);
    await writer.write(new ChangeList());
    assert.equal(await written(), true);
    await writer.close();
    assert.equal((await cluster.sql(`select from ${schema}.duplicate`)).length, 1);
    assert.equal((await store.load()).queues[0]?.duplicates.length, 1);
  });
});
