import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { Change } from '../../src/core/durable-state.ts';
import type { Store } from '../../src/store/store.ts';
import { mountSmallDisk, type SmallDisk } from '../faults/lab/small-disk.ts';
import { accept } from '../store/samples.ts';
import { giveTo } from '../support/servers/daemon.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { skip } from '../support/skip.ts';
import { ack, commit, until } from './commits.ts';
import { type Deployment, newDeployment } from './deployment.ts';

const tail = `<body>${'x'.repeat(1_000)}</body>`;

describe('PostgreSQL: its disk is full', function () {
  this.timeout(60_000);
  let cluster: Postgres;
  let disk: SmallDisk;
  let deployment: Deployment;
  let store: Store;

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    const mounted = mountSmallDisk();
    if (typeof mounted === 'string') skip(this, mounted);
    else disk = mounted;
    giveTo('postgres', disk.folder);
    cluster = await startPostgres();
    // The log has the room of the machine, as it should where a disk of its own is worth its price.
    await cluster.sql(`create tablespace small location '${disk.folder}'`);
    await cluster.sql('alter role postgres set default_tablespace = small');
    deployment = await newDeployment(cluster);
    store = await deployment.database.openStore(deployment.epoch);
  });

  after(async () => {
    await store?.close();
    await deployment?.close();
    await cluster?.remove();
    disk?.remove();
  });

  it('takes no message, though ends of those that are there, and takes messages again when there is room', async () => {
    const stored: number[] = [];
    let refused: readonly string[] = [];
    for (let next = 1; refused.length === 0; next += 50) {
      const ids = Array.from({ length: 50 }, (_, index) => next + index);
      const answers = await commit(
        store,
        ids.map((id) => accept(id, { tail }, id.toString(16).padStart(32, '0'))),
      );
      if (answers.includes('full')) refused = answers;
      else stored.push(...ids);
    }
    assert.deepEqual(new Set(refused), new Set(['full']));
    assert.match(store.health.ok ? '' : store.health.reason, /no room/);
    // Ends get through in one batch with messages that do not.
    const changes: Change[] = stored.flatMap((id) => [ack(id), accept(1_000_000 + id, { tail })]);
    const answers = await commit(store, changes);
    const ends = answers.filter((_, index) => index % 2 === 0);
    assert.deepEqual(new Set(ends), new Set(['stored']));
    assert.ok(answers.includes('full'));
    execFileSync('mount', ['-o', 'remount,size=32m', disk.folder]);
    await until(() => store.health.ok);
    assert.deepEqual(await commit(store, [accept(2_000_000, { tail })]), ['stored']);
    const [queue] = (await store.load()).queues;
    const taken = answers.filter((answer, index) => index % 2 === 1 && answer === 'stored').length;
    assert.deepEqual([queue?.tally.acknowledged, queue?.open], [stored.length, taken + 1]);
  });
});
