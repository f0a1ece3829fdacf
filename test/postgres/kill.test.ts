import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchWriter } from '../../src/store/journal.ts';
import { startCommitter } from '../store/committer-process.ts';
import { holdsThroughKills } from '../store/delivery-kills.ts';
import type { StoreTarget } from '../store/store-target.ts';
import { temporaryDirectory } from '../store/temporary.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { skip } from '../support/skip.ts';
import { type Deployment, newDeployment } from './deployment.ts';
import { openDirect } from './direct-writer.ts';

describe('PostgreSQL: kill -9', () => {
  let cluster: Postgres;
  let deployment: Deployment;
  const directory = temporaryDirectory();

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    cluster = await startPostgres();
  });

  beforeEach(async () => {
    deployment = await newDeployment(cluster);
  });

  afterEach(() => deployment?.close());

  after(async () => {
    directory.remove();
    await cluster?.remove();
  });

  const target = (): StoreTarget => ({
    driver: 'postgres',
    settings: deployment.settings,
    epoch: deployment.epoch,
  });
  /** Whom the server has not yet seen to be gone may still be writing. */
  async function gone(): Promise<void> {
    const writing = `select from pg_stat_activity where query like '%${deployment.settings.schema}"%write_batch%' and pid <> pg_backend_pid()`;
    while ((await cluster.sql(writing)).length > 0) await sleep(10);
  }

  async function inspect<Result>(look: (writer: BatchWriter) => Promise<Result>): Promise<Result> {
    await gone();
    const writer = await openDirect(deployment);
    const found = await look(writer);
    await writer.close();
    return found;
  }

  it('of the router: loses nothing that was reported, at random moments', async function () {
    this.timeout(120_000);
    const everReported: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const committer = await startCommitter(target());
      await committer.until(Math.ceil(Math.random() * 2000));
      await committer.kill();
      everReported.push(...committer.reported);
      const { conversations } = await inspect((writer) => writer.load());
      const stored = new Set(conversations.map(({ at }) => at));
      const lost = everReported.filter((number) => !stored.has(number));
      assert.deepEqual(lost, [], `round ${round}: ${lost.length} of ${everReported.length} lost`);
    }
  });

  it('of the router amid deliveries: holds what was reported, and the next up to some point', async function () {
    this.timeout(180_000);
    await holdsThroughKills({ target: target(), log: join(directory.path, 'log'), inspect });
  });
});
