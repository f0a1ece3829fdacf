import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { StoreError } from '../../src/store/error.ts';
import { type InstanceOptions, PostgresDatabase } from '../../src/store/postgres/database.ts';
import type { LeaseView } from '../../src/store/shared.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { settingsFor } from '../support/servers/postgres-settings.ts';
import { skip } from '../support/skip.ts';

const minute = 60_000;

function kind(expected: string, text = /./) {
  return (error: unknown): boolean => {
    ok(error instanceof StoreError, String(error));
    equal(error.kind, expected, error.message);
    match(error.message, text);
    return true;
  };
}

describe('the lease in PostgreSQL', () => {
  let cluster: Postgres;
  let databases: PostgresDatabase[] = [];
  let schemas = 0;

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    cluster = await startPostgres();
  });

  beforeEach(() => {
    schemas += 1;
  });

  afterEach(async () => {
    for (const database of databases) await database.close();
    databases = [];
  });

  after(async () => {
    await cluster?.remove();
  });

  const schema = () => `test${schemas}`;
  function open(name = 'one', more: Partial<InstanceOptions> = {}): PostgresDatabase {
    const settings = settingsFor([cluster], { schema: schema() });
    const options = { settings, domain: 'pools.example.org', name, version: '1.2.3', ...more };
    const database = new PostgresDatabase(options);
    databases.push(database);
    return database;
  }

  /** Asks until the answer is as wanted: leases run out by the database's clock. */
  async function until(ask: () => Promise<LeaseView>, wanted: (view: LeaseView) => boolean): Promise<LeaseView> {
    for (const deadline = Date.now() + minute; ; await sleep(20)) {
      const view = await ask();
      if (wanted(view)) return view;
      ok(Date.now() < deadline, JSON.stringify(view));
    }
  }

  it('makes the schema, says who is there, and gives the lease with the next epoch to who claims it', async () => {
    const [one, two] = [open('one'), open('two')];
    const empty = await one.beat(undefined, minute);
    deepEqual([empty.epoch, empty.owner, empty.until], [0, undefined, 0]);
    deepEqual(
      empty.instances.map(({ name, id, version, role, beat }) => [name, id, version, role, beat <= empty.now]),
      [['one', one.id, '1.2.3', 'standby', true]],
    );
    const had = await one.claim(minute);
    deepEqual([had.epoch, had.owner], [1, one.id]);
    ok(had.until > had.now + minute / 2 && had.until <= had.now + minute, JSON.stringify(had));
    const other = await two.claim(minute);
    deepEqual([other.epoch, other.owner], [1, one.id]);
    const seen = await two.beat(undefined, minute);
    deepEqual(
      new Map(seen.instances.map(({ name, role }) => [name, role])),
      new Map([
        ['one', 'active'],
        ['two', 'standby'],
      ]),
    );
  });

  it('gives the lease to one of eight that claim it at once', async () => {
    const racers = Array.from({ length: 8 }, (_, index) => open(`racer ${index}`));
    await Promise.all(racers.map((racer) => racer.beat(undefined, minute)));
    for (let round = 1; round <= 5; round += 1) {
      const views = await Promise.all(racers.map((racer) => racer.claim(minute)));
      const winners = racers.filter((racer, index) => views[index]?.owner === racer.id);
      deepEqual([winners.length, new Set(views.map(({ epoch }) => epoch))], [1, new Set([round])]);
      await winners[0]?.release(round);
    }
  });

  it('renews the lease by beats of its epoch alone, and gives it to another when it ran out', async () => {
    const [one, two] = [open('one'), open('two')];
    await one.claim(300);
    const renewed = await one.beat(1, minute);
    deepEqual([renewed.epoch, renewed.owner, renewed.until > renewed.now + minute / 2], [1, one.id, true]);
    equal((await two.claim(minute)).owner, one.id);
    // Nor by one that has it not.
    ok((await two.beat(1, 10 * minute)).until <= renewed.until);
    await one.beat(1, 1);
    const lost = await until(
      () => two.claim(minute),
      ({ owner }) => owner === two.id,
    );
    equal(lost.epoch, 2);
    const late = await one.beat(1, minute);
    deepEqual([late.epoch, late.owner, late.until], [2, two.id, lost.until]);
    await one.release(1);
    await one.release(2);
    equal((await two.beat(2, minute)).owner, two.id);
  });

  it('hands the lease to who is ready to follow, and to nobody else meanwhile', async () => {
    const [one, two, three] = [open('one'), open('two'), open('three')];
    await one.claim(minute);
    await two.handOver('ready', 1);
    equal((await two.beat(undefined, minute)).handover, undefined);
    await two.handOver('asked', 1);
    equal((await two.beat(undefined, minute)).handover, undefined);
    await one.handOver('asked', 1);
    await two.handOver('ready', 0);
    equal((await two.beat(undefined, minute)).handover, 'asked');
    await two.handOver('ready', 1);
    await three.handOver('ready', 1);
    const ready = await one.beat(1, minute);
    deepEqual([ready.handover, ready.successor], ['ready', two.id]);
    await one.release(1);
    // What was given back is not had any more.
    equal((await one.beat(1, minute)).until, 0);
    equal((await three.claim(minute)).epoch, 1);
    equal((await one.claim(minute)).epoch, 1);
    const taken = await two.claim(minute);
    deepEqual([taken.epoch, taken.owner, taken.handover, taken.successor], [2, two.id, undefined, undefined]);
  });

  it('keeps the lease for who is ready for as long as it was given, and takes a change back', async () => {
    const [one, two, three] = [open('one'), open('two'), open('three')];
    await one.claim(300);
    await one.handOver('asked', 1);
    await two.handOver('ready', 1);
    await one.handOver(undefined, 1);
    equal((await one.beat(1, 300)).handover, undefined);
    await one.handOver('asked', 1);
    await two.handOver('ready', 1);
    await one.release(1);
    // Its successor has died.
    const taken = await until(
      () => three.claim(minute),
      ({ owner }) => owner === three.id,
    );
    equal(taken.epoch, 2);
  });

  it('waits with a claim for a batch that is being written', async () => {
    const [one, two] = [open('one'), open('two')];
    await one.claim(1);
    const batch = new Client({ connectionString: cluster.url() });
    await batch.connect();
    await batch.query('begin');
    await batch.query(`select from ${schema()}.lease where epoch = 1 for key share`);
    // A beat does not wait for it: an active instance whose disk is slow keeps its lease.
    equal((await one.beat(1, 1)).owner, one.id);
    const order: string[] = [];
    const claimed = two.claim(minute).then((view) => {
      order.push('claimed');
      return view;
    });
    const waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'claim'";
    while ((await cluster.sql(waiting)).length === 0);
    order.push('written');
    await batch.query('commit');
    equal((await claimed).owner, two.id);
    deepEqual(order, ['written', 'claimed']);
    // One of the old epoch finds no row any more.
    equal((await batch.query(`select from ${schema()}.lease where epoch = 1 for key share`)).rowCount, 0);
    await batch.end();
  });

  it('forgets instances that have not beaten for a while, and those that end', async () => {
    const [one, two] = [open('one'), open('two')];
    await two.beat(undefined, minute);
    await cluster.sql(
      `insert into ${schema()}.instance select 'dead ' || n, 'dead', '1', ${schema()}.clock_ms() - 300001 from generate_series(1, 1000) n`,
    );
    deepEqual(
      (await one.beat(undefined, minute)).instances.map(({ name }) => name),
      ['one', 'two'],
    );
    deepEqual(await cluster.sql(`select count(*)::int as n from ${schema()}.instance`), [{ n: 2 }]);
    await two.close();
    deepEqual(
      (await one.beat(undefined, minute)).instances.map(({ name }) => name),
      ['one'],
    );
    await rejects(two.beat(undefined, minute), kind('closed'));
  });

  it('keeps what instances are configured to do for as long as they live', async () => {
    const [one, two] = [open('one'), open('two')];
    const digests = async () =>
      new Map((await one.beat(undefined, minute)).instances.map((each) => [each.id, each.digest]));
    // Who has not said that he lives has no place for it.
    await one.describe({ digest: 'd0', sections: {} });
    await two.beat(undefined, minute);
    deepEqual(
      await digests(),
      new Map([
        [one.id, null],
        [two.id, null],
      ]),
    );
    await two.describe({ digest: 'd1', sections: { 'pools.jobs': 'x' } });
    await two.describe({ digest: 'd2', sections: { 'pools.jobs': 'y' } });
    deepEqual([(await digests()).get(two.id), await one.sectionsOf(two.id)], ['d2', { 'pools.jobs': 'y' }]);
    await two.close();
    deepEqual(await one.sectionsOf(two.id), undefined);
    // The name of who has the lease stays.
    await open('three').claim(minute);
    await databases.at(-1)?.close();
    const { ownerName, instances } = await one.beat(undefined, minute);
    deepEqual([ownerName, instances.map(({ name }) => name)], ['three', ['one']]);
  });

  it('serves with the tables of an older version, which hold no configurations', async () => {
    const one = open('one');
    await one.beat(undefined, minute);
    const text = readFileSync(new URL('../../migrations/postgres/0001_instances.sql', import.meta.url), 'utf8');
    const [, older = ''] = /(create function lease_view[^$]*\$\$[^$]*\$\$;)/.exec(text) ?? [];
    await cluster.sql(
      `set search_path to ${schema()}; drop function lease_view(); alter table lease drop column owner_name; ${older.replaceAll(':schema.', `${schema()}.`)}
       drop function describe(text, text, json); drop table configuration`,
    );
    const { instances } = await one.beat(undefined, minute);
    deepEqual(
      instances.map(({ name, digest }) => [name, digest]),
      [['one', undefined]],
    );
  });

  it('waits for nobody longer than the lease when the clock of the database went back', async () => {
    const [one, two] = [open('one'), open('two')];
    await one.claim(300);
    await one.handOver('asked', 1);
    await one.beat(1, 300);
    // What an hour back makes of all that was written before.
    await cluster.sql(`update ${schema()}.lease set until = until + 3600000, reserved = until + 3600000`);
    await cluster.sql(`update ${schema()}.instance set beat = beat + 3600000`);
    const seen = await two.beat(undefined, minute);
    ok(seen.until <= seen.now + 300, JSON.stringify(seen));
    ok(
      seen.instances.every(({ beat }) => beat <= seen.now),
      JSON.stringify(seen),
    );
    const taken = await until(
      () => two.claim(minute),
      ({ owner }) => owner === two.id,
    );
    equal(taken.epoch, 2);
  });

  it('goes on when the database is back, with what it kept', async () => {
    const one = open('one');
    await one.claim(minute);
    await cluster.kill9();
    await rejects(one.beat(1, minute), kind('unreachable'));
    await rejects(one.beat(1, minute), kind('unreachable', /ECONNREFUSED/));
    await cluster.start();
    equal((await one.beat(1, minute)).owner, one.id);
    await cluster.restart();
    // The connection that ended may be found out by a call.
    await one.beat(1, minute).catch(() => {});
    equal((await one.beat(1, minute)).owner, one.id);
  });

  it('refuses a schema of another deployment, of another program, and of a newer version, and changes nothing in it', async () => {
    const one = open('one');
    await one.claim(minute);
    const other = open('other', { domain: 'other.example.org' });
    await rejects(other.beat(undefined, minute), kind('foreign', /that of pools.example.org.*store.schema/));
    await cluster.sql(`update ${schema()}.migration set checksum = 'x' || checksum where number = 1`);
    await rejects(open('late').beat(undefined, minute), kind('changed-migration'));
    await cluster.sql(`update ${schema()}.migration set checksum = substr(checksum, 2) where number = 1`);
    const newest = (await cluster.sql(`select max(number) as n from ${schema()}.migration`))[0]?.['n'];
    await cluster.sql(`insert into ${schema()}.migration values (${Number(newest) + 1}, '9999_later.sql', 'x')`);
    await rejects(open('late').beat(undefined, minute), kind('newer', /9999_later/));
    // Who was connected before.
    await one.release(1);
    await rejects(one.claim(minute), kind('newer'));
    equal((await cluster.sql(`select epoch from ${schema()}.lease`))[0]?.['epoch'], '1');
    schemas += 1;
    await cluster.sql(`create schema ${schema()}`);
    await cluster.sql(`create table ${schema()}.photo (id int)`);
    await rejects(open('one').beat(undefined, minute), kind('foreign', /another program/));
  });

  it('needs the right to make its schema, or to be its owner, and says so', async () => {
    await cluster.createRole('poor');
    const settings = settingsFor([cluster], { schema: schema(), user: 'poor' });
    const poor = open('poor', { settings });
    await rejects(poor.beat(undefined, minute), kind('denied', /lacks a right.*owner/));
    await cluster.sql(`create schema ${schema()} authorization postgres`);
    await rejects(poor.beat(undefined, minute), kind('denied', /lacks a right/));
    await cluster.sql(`alter schema ${schema()} owner to poor`);
    equal((await poor.claim(minute)).owner, poor.id);
  });

  it('keeps what the one before left, in order, for who has the lease, once', async () => {
    const [one, two] = [open('one'), open('two')];
    const { epoch } = await one.claim(minute);
    await two.beat(undefined, minute);
    const left = ['<message id="1"/>', "<message id='2'><body>grüß 🐝 \\ {,} \"</body></message>", ''];
    await one.keepUnrouted(epoch, left.slice(0, 2));
    await one.keepUnrouted(epoch, left.slice(2));
    deepEqual(await two.takeUnrouted(epoch), [], 'given to one without the lease');
    await one.release(epoch);
    await rejects(one.keepUnrouted(epoch, ['<late/>']), kind('fenced'));
    const next = await two.claim(minute);
    await rejects(one.keepUnrouted(epoch, ['<late/>']), kind('fenced'));
    deepEqual(await two.takeUnrouted(epoch), []);
    deepEqual(await two.takeUnrouted(next.epoch), left);
    deepEqual(await two.takeUnrouted(next.epoch), []);
  });
});
