import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from '../../src/store/error.ts';
import { PostgresDatabase } from '../../src/store/postgres/database.ts';
import type { ConnectionSettings } from '../../src/store/postgres/settings.ts';
import { listenOnFreePort } from '../support/free-ports.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { settingsFor } from '../support/servers/postgres-settings.ts';
import { skip } from '../support/skip.ts';

const minute = 60_000;

/** A road to a cluster that can be made to swallow everything, as the network before a machine that is gone. */
class Road {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #blocked = false;
  port = 0;

  constructor(cluster: Postgres) {
    this.#server = createServer((near) => {
      const far = connect(cluster.port, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
        from.on('data', (bytes) => {
          if (!this.#blocked) to.write(bytes);
        });
      }
    });
  }

  async open(): Promise<this> {
    this.port = await listenOnFreePort(this.#server);
    return this;
  }

  block(blocked: boolean): void {
    this.#blocked = blocked;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

describe('a PostgreSQL that fails over', () => {
  const started: Postgres[] = [];
  const open: PostgresDatabase[] = [];

  before(function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
  });

  afterEach(async () => {
    for (const database of open.splice(0)) await database.close();
    for (const cluster of started.splice(0)) await cluster.remove();
  });

  async function cluster(options: Parameters<typeof startPostgres>[0] = {}): Promise<Postgres> {
    const one = await startPostgres(options);
    started.push(one);
    return one;
  }

  function instance(settings: ConnectionSettings): PostgresDatabase {
    const database = new PostgresDatabase({ settings, domain: 'pools.example.org', name: 'one', version: '1' });
    open.push(database);
    return database;
  }

  it('is found on the host that was promoted, with the lease as it was', async () => {
    const primary = await cluster();
    const standby = await cluster({ follows: primary });
    await primary.set({ synchronous_standby_names: '*' });
    const one = instance(settingsFor([primary, standby]));
    const had = await one.claim(minute);
    await primary.kill9();
    await rejects(one.beat(had.epoch, minute), { kind: 'unreachable' });
    await rejects(one.beat(had.epoch, minute), (error) => {
      ok(error instanceof StoreError);
      equal(error.kind, 'read-only');
      ok(/no host can be used.*ECONNREFUSED.*it is a standby/.test(error.message), error.message);
      return true;
    });
    await standby.promote();
    const renewed = await one.beat(had.epoch, minute);
    deepEqual([renewed.epoch, renewed.owner], [had.epoch, one.id]);
  });

  it('is left when the host takes no writes any more, though it answers', async () => {
    const first = await cluster();
    const second = await cluster({ follows: first });
    const one = instance(settingsFor([first, second]));
    await one.claim(minute);
    // It follows at its own pace.
    while ((await second.sql('select 1 from switchyard.lease where epoch = 1').catch(() => [])).length === 0);
    await second.promote();
    await first.set({ default_transaction_read_only: 'on' });
    const readOnly = "select 1 where current_setting('default_transaction_read_only') = 'on'";
    while ((await first.sql(readOnly)).length === 0);
    await rejects(one.beat(1, minute), { kind: 'read-only' });
    equal((await one.beat(1, minute)).owner, one.id);
    const beats = await Promise.all([first, second].map((each) => each.sql('select beat from switchyard.instance')));
    ok(Number(beats[1]?.[0]?.['beat']) > Number(beats[0]?.[0]?.['beat']));
  });

  it('is known to be gone when it says nothing, and back when it answers', async () => {
    const road = await new Road(await cluster()).open();
    try {
      const one = instance(settingsFor([road], { connectTimeout: 3_000 }));
      await one.claim(minute);
      road.block(true);
      const begun = performance.now();
      await rejects(one.beat(1, 1_000), { kind: 'unreachable' });
      await rejects(one.beat(1, 1_000), { kind: 'unreachable' });
      // Not for ever: the test's own limit is far above.
      ok(performance.now() - begun < 45_000);
      road.block(false);
      for (const deadline = Date.now() + 45_000; ; await sleep(20)) {
        const view = await one.beat(1, minute).catch(() => undefined);
        if (view?.owner === one.id) break;
        ok(Date.now() < deadline);
      }
      road.block(true);
      const closing = performance.now();
      await one.close();
      ok(performance.now() - closing < 45_000);
    } finally {
      road.close();
    }
  });
});
