import assert from 'node:assert/strict';
import { join } from 'node:path';
import { connect } from '../../src/store/sqlite/connection.ts';
import { holdsThroughKills } from './delivery-kills.ts';
import { DirectWriter } from './direct-writer.ts';
import { temporaryDirectory } from './temporary.ts';

describe('store: kill -9 amid deliveries', () => {
  const directory = temporaryDirectory();
  const file = join(directory.path, 'switchyard.db');
  const log = join(directory.path, 'log');

  after(() => directory.remove());

  it('holds every change that was reported, and the next ones in their order up to some point', async function () {
    this.timeout(180_000);
    await holdsThroughKills({
      target: { driver: 'sqlite', file },
      log,
      inspect: async (look) => {
        const writer = new DirectWriter(file);
        const found = await look(writer);
        await writer.close();
        return found;
      },
    });
    const database = connect(file, { readonly: true });
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok');
    database.close();
  });
});
