import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { dumpCommand, restoreCommand } from '../../src/app/database/pg-tools.ts';
import type { Change } from '../../src/core/durable-state.ts';
import { moveToPostgres } from '../../src/store/moves/between.ts';
import { openPostgresTarget } from '../../src/store/moves/postgres-side.ts';
import { shapes } from '../../src/store/moves/shapes.ts';
import type { ConnectionSettings } from '../../src/store/postgres/settings.ts';
import { connect } from '../../src/store/sqlite/connection.ts';
import type { Store } from '../../src/store/store.ts';
import { anyChange } from '../store/change-arbitrary.ts';
import { anyStep } from '../store/delivery-arbitrary.ts';
import { accept, conversation, leased, putMember } from '../store/samples.ts';
import { temporaryDirectory } from '../store/temporary.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { settingsFor } from '../support/servers/postgres-settings.ts';
import { skip } from '../support/skip.ts';
import { until } from '../support/until.ts';
import { back, inFile, inSchema, sideOptions, silent, there, withFile, withSchema } from './moving.ts';

const execute = promisify(execFile);

/** No XML holds U+0000. New messages get new ids; keys of duplicates are hashes. */
function possible(change: Change, index: number): Change {
  const clean = JSON.parse(JSON.stringify(change).replaceAll('\\u0000', '')) as Change;
  if (clean.op !== 'accept') return clean;
  const duplicate = clean.duplicate === undefined ? undefined : index.toString(16).padStart(32, '0');
  return { ...clean, duplicate, id: clean.id < 3 ? clean.id : index + 3 };
}

const anyHistory = fc
  .array(fc.oneof(anyChange, anyStep, anyStep), { minLength: 1, maxLength: 250 })
  .map((changes) => changes.map(possible));

/** What the database does not take of it is none of our business here. */
function commitAll(store: Store, changes: readonly Change[]): Promise<void> {
  for (const change of changes) store.commit(change);
  return store.flush();
}

const sample: readonly Change[] = [
  putMember('ada'),
  conversation('zoë@example.org/😀', 5),
  accept(1, { key: 'one', tail: '<body>e\u0301 \u{10ffff}</body>' }, 'ab'.repeat(16)),
  accept(2, leased),
  accept(3, { state: 'dead', attempt: 2, reason: 'nobody', history: '[1]', deadAt: 9 }),
  accept(4),
  { op: 'ack', pool: 'jobs', id: 4 },
];

describe('switchyard migrate --to: a whole store', () => {
  let cluster: Postgres;
  let directory: ReturnType<typeof temporaryDirectory>;
  let number = 0;

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    directory = temporaryDirectory();
    cluster = await startPostgres();
  });

  after(async () => {
    directory?.remove();
    await cluster?.remove();
  });

  /** A file that is not there, and a schema that is empty. */
  function places() {
    number += 1;
    return {
      file: join(directory.path, `${number}.db`),
      again: join(directory.path, `${number}-again.db`),
      schema: `moved${number}`,
      settings: settingsFor([cluster], { schema: `moved${number}` }),
    };
  }

  async function filled() {
    const made = places();
    await withFile(made.file, (store) => commitAll(store, sample));
    return made;
  }

  it('is the same there, and the same when it is back, whatever it holds', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(anyHistory, async (changes) => {
        const { file, again, settings } = places();
        await withFile(file, (store) => commitAll(store, changes));
        const before = await inFile(file);
        await there(file, settings);
        deepEqual(await inSchema(settings), before);
        await back(settings, again);
        deepEqual(await inFile(again), before);
      }),
      { numRuns: 5, endOnFailure: true },
    );
  });

  it('leaves no table and no column of the schema behind', async () => {
    const { file, settings, schema } = await filled();
    await there(file, settings);
    const found = await cluster.sql(
      `select table_name || '.' || column_name as name from information_schema.columns where table_schema = '${schema}'
         and table_name not in ('migration', 'deployment', 'instance', 'lease', 'configuration', 'batch', 'move', 'unrouted')`,
    );
    const moved = shapes.flatMap(({ name, letter, columns }) => [
      ...columns.map((column) => `${name}.${column.name}`),
      ...(letter === undefined ? [] : [`${name}.hash`]),
    ]);
    deepEqual(new Set(found.map(({ name }) => name)), new Set([...moved, 'tally.number']));
  });

  it('waits until a router has worked off what the one before left to it', async () => {
    const { file, again, settings, schema } = await filled();
    await there(file, settings);
    await cluster.sql(`insert into ${schema}.unrouted (stanza) values ('<message/>')`);
    await rejects(back(settings, again), { kind: 'locked', message: /holds 1 stanzas that an instance left/ });
    await cluster.sql(`delete from ${schema}.unrouted`);
    await back(settings, again);
  });

  it('says how many rows each table had, and goes on where it left off', async () => {
    const { file, settings, again } = await filled();
    const { tables } = await there(file, settings);
    deepEqual(
      tables.filter(({ rows }) => rows > 0).map(({ name, rows }) => `${name} ${rows}`),
      ['member 1', 'conversation 1', 'tally 1', 'duplicate 1', 'delivery 3'],
    );
    const more = [putMember('ada', { seen: 77 }), conversation('zoë@example.org/😀', 8), accept(9), accept(3)];
    await withSchema(settings, (store) => commitAll(store, more));
    const { snapshot, deliveries } = await inSchema(settings);
    deepEqual(
      [snapshot.members.length, snapshot.members[0]?.seen],
      [1, 77],
      'the row has the key that a router gives it',
    );
    deepEqual(
      snapshot.conversations.map(({ at }) => at),
      [8],
    );
    deepEqual(
      deliveries.map(({ id }) => id).sort((a, b) => a - b),
      [1, 2, 3, 9],
    );
    const { accepted, acknowledged, last } = snapshot.queues[0]?.tally ?? {};
    deepEqual({ accepted, acknowledged, last }, { accepted: 5, acknowledged: 1, last: 9 });
    await back(settings, again);
    deepEqual(await inFile(again), await inFile(again));
    deepEqual((await inFile(again)).snapshot, snapshot);
  });

  it('leaves a source that no router uses, and that says where all went', async () => {
    const { file, again, settings, schema } = await filled();
    await there(file, settings);
    await rejects(async () => inFile(file), { kind: 'moved', message: new RegExp(`was moved to .*schema ${schema}`) });
    await rejects(there(file, settings), { kind: 'moved' });
    await back(settings, again);
    await rejects(inSchema(settings), { kind: 'moved', message: /was moved to .*-again\.db/ });
    await rejects(there(again, settings), { kind: 'exists', message: /drop schema/ });
  });

  it('comes back to the file that it left, which is kept under another name', async () => {
    const { file, settings } = await filled();
    const before = await inFile(file);
    await there(file, settings);
    const { aside } = await back(settings, file);
    equal(aside, `${file}.before-migrate`);
    ok(existsSync(aside));
    deepEqual(await inFile(file), before);
  });

  it('is written over nothing', async () => {
    const [one, other] = [await filled(), await filled()];
    await there(one.file, one.settings);
    await rejects(there(other.file, one.settings), { kind: 'exists', message: /holds 7 rows/ });
    await rejects(back(one.settings, other.file), { kind: 'exists', message: /holds 7 rows/ });
    equal((await inFile(other.file)).deliveries.length, 3);
    equal((await inSchema(one.settings)).deliveries.length, 3);
  });

  it('is not moved with what PostgreSQL cannot hold; the row is named', async () => {
    const { file, settings } = await filled();
    await withFile(file, (store) => commitAll(store, [accept(70, { rest: 'a\0b' })]));
    const before = await inFile(file);
    const message = /the row of delivery with id 70 holds U\+0000/;
    await rejects(there(file, settings), { kind: 'refused', message });
    deepEqual(await inFile(file), before);
    deepEqual((await inSchema(settings)).deliveries, [], 'nothing was moved');
  });

  const tampering: readonly [what: string, sql: string, text: RegExp][] = [
    ['a text', "update $.delivery set tail = 'x' where id = 1", /row of delivery with id 1 has another tail/],
    ['a row less', 'delete from $.duplicate', /row of duplicate with pool "jobs", id 1 is missing/],
    [
      'a row more',
      "insert into $.tally values ('more', 1, 0, 0, 0, 0, 0)",
      /row of tally with pool "more" is not in the source/,
    ],
    [
      'a key',
      "update $.member set jid = 'x'",
      /row of member with pool "jobs", jid "x" stands under the key of another/,
    ],
  ];
  for (const [what, sql, text] of tampering) {
    it(`is not taken for moved when its copy has been changed: ${what}`, async () => {
      const { file, settings, schema } = await filled();
      const before = await inFile(file);
      const reached = async (step: string): Promise<void> => {
        if (step === 'copied') await cluster.sql(sql.replace('$', schema));
      };
      await rejects(there(file, settings, { reached }), { kind: 'corrupt', message: text });
      deepEqual(await inFile(file), before, 'the source is still the store');
      await rejects(inSchema(settings), { kind: 'moved', message: /was begun and not finished/ });
      await there(file, settings);
      deepEqual(await inSchema(settings), before);
    });
  }

  it('is not taken for moved when its copy in a file has been changed', async () => {
    const { file, again, settings } = await filled();
    await there(file, settings);
    const reached = (step: string): void => {
      if (step !== 'copied') return;
      const other = connect(again, {});
      other.exec('update delivery set attempt = 7 where id = 3');
      other.close();
    };
    const message = /row of delivery with id 3 has another attempt/;
    await rejects(back(settings, again, { reached }), { kind: 'corrupt', message });
    await rejects(async () => inFile(again), { kind: 'moved', message: /was begun and not finished/ });
    equal((await inSchema(settings)).deliveries.length, 3);
    await back(settings, again);
    equal((await inFile(again)).deliveries.length, 3);
  });

  it('ends when another takes the lease, there and back, and the source is still the store', async () => {
    const { file, again, settings, schema } = await filled();
    const before = await inFile(file);
    const robbedAt = (at: string) => async (step: string) => {
      if (step === at) await cluster.sql(`update ${schema}.lease set epoch = epoch + 1, owner = 'another'`);
    };
    await rejects(there(file, settings, { reached: robbedAt('begun') }), { kind: 'fenced' });
    deepEqual(await inFile(file), before);
    await cluster.sql(`update ${schema}.lease set until = 0`);
    await there(file, settings);
    // The last moment: what another instance may have written since would be lost.
    await rejects(back(settings, again, { reached: robbedAt('checked') }), { kind: 'fenced' });
    await cluster.sql(`update ${schema}.lease set until = 0`);
    deepEqual(await inSchema(settings), before);
    await rejects(async () => inFile(again), { kind: 'moved' });
  });

  it('holds the lease as long as it takes, and gives it back', async function () {
    this.timeout(60_000);
    const { file, settings, schema } = await filled();
    const lease = async () => (await cluster.sql(`select until::float8 as until, owner from ${schema}.lease`))[0];
    const reached = async (step: string): Promise<void> => {
      if (step !== 'begun') return;
      const first = Number((await lease())?.['until']);
      await until(async () => Number((await lease())?.['until']) > first, 'the lease is renewed');
      await rejects(
        openPostgresTarget({ ...sideOptions(settings), mover: { id: 'x', name: 'x', version: '1' } }),
        /is in use by the instance switchyard migrate/,
      );
    };
    await there(file, settings, { reached });
    deepEqual(await lease(), { until: 0, owner: 'mover of the tests' });
    deepEqual(await cluster.sql(`select from ${schema}.instance`), []);
  });

  it('is refused by what no router would use either, with the same words', async () => {
    const { file, settings, schema } = await filled();
    const before = await inFile(file);
    await there(file, settings);
    const other = await filled();
    const to = (more: Partial<ConnectionSettings>) => there(other.file, { ...other.settings, ...more });
    await rejects(moveToPostgres(other.file, { ...sideOptions(settings), domain: 'other.example.org' }, silent), {
      kind: 'foreign',
      message: /of another deployment, that of pools\.example\.org/,
    });
    await cluster.sql(`insert into ${schema}.migration values (99, '0099_later.sql', 'x')`);
    await rejects(back(settings, other.again), { kind: 'newer' });
    await cluster.sql(`delete from ${schema}.migration where number = 99`);
    await rejects(back(other.settings, other.again), { kind: 'missing', message: /holds nothing of Switchyard/ });
    await rejects(there(`${file}.none`, other.settings), { kind: 'missing' });
    await cluster.createRole('guest');
    await rejects(to({ user: 'guest' }), { kind: 'denied' });
    await cluster.sql('alter role guest set synchronous_commit to off');
    await rejects(to({ user: 'guest' }), { kind: 'unsafe' });
    await rejects(to({ hosts: [{ host: '127.0.0.1', port: 1 }] }), { kind: 'unreachable' });
    const [later, none] = [join(directory.path, 'later.db'), join(directory.path, 'none.db')];
    await withFile(later, async (store) => store.flush());
    const database = connect(later, {});
    database.exec("insert into migration values (99, '0099_later.sql', 'x', 0)");
    database.close();
    await rejects(there(later, other.settings), { kind: 'newer' });
    writeFileSync(none, 'no database at all, but long enough to be looked at as one; '.repeat(3));
    await rejects(back(settings, none), { kind: 'not-a-database' });
    deepEqual(await inSchema(settings), before);
    deepEqual(await inFile(other.file), before);
  });

  it('is copied in PostgreSQL, and put back, by the lines that are told', async () => {
    const { file, settings, schema } = await filled();
    await there(file, settings);
    const before = await inSchema(settings);
    const [config, dump] = [{ driver: 'postgres', ...settings } as const, join(directory.path, "it's a dump")];
    await execute('sh', ['-c', dumpCommand(config, dump)]);
    await cluster.sql(`truncate ${schema}.delivery`);
    await execute('sh', ['-c', restoreCommand(config, dump)]);
    deepEqual(await inSchema(settings), before);
  });

  it('begins anew in one step or not at all: what was copied goes with the new mark', async () => {
    const { file, settings, schema } = await filled();
    const stop = (at: string) => (step: string) => {
      if (step === at) throw new Error('stopped here');
    };
    await rejects(there(file, settings, { reached: stop('copied') }), /stopped here/);
    await cluster.sql(
      `create function ${schema}.deny() returns trigger language plpgsql as $$ begin raise 'denied'; end $$`,
    );
    await cluster.sql(
      `create trigger deny before insert on ${schema}.move for each row execute function ${schema}.deny()`,
    );
    const rows = async () => (await cluster.sql(`select from ${schema}.delivery`)).length;
    equal(await rows(), 3);
    await rejects(there(file, settings), /denied/);
    equal(await rows(), 3);
    await cluster.sql(`drop function ${schema}.deny cascade`);
    await rejects(there(file, settings, { reached: stop('begun') }), /stopped here/);
    equal(await rows(), 0);
    await there(file, settings);
    equal(await rows(), 3);
  });

  it('that is decided and not told is finished by the same command, which says so', async () => {
    const { file, settings, schema } = await filled();
    const before = await inFile(file);
    const reached = async (step: string): Promise<void> => {
      if (step !== 'left') return;
      await cluster.sql(`alter table ${schema}.move add constraint deny check (state <> 'arrived')`);
    };
    const text = /is marked as moved: type the same command again to finish/;
    await rejects(there(file, settings, { reached }), { kind: 'refused', message: text });
    await rejects(async () => inFile(file), { kind: 'moved' });
    await rejects(inSchema(settings), { kind: 'moved' });
    await cluster.sql(`alter table ${schema}.move drop constraint deny`);
    const { finished, tables } = await there(file, settings);
    equal(finished, true);
    equal(tables.find(({ name }) => name === 'delivery')?.rows, 3);
    deepEqual(await inSchema(settings), before);
  });
});
