import assert from 'node:assert/strict';
import { join } from 'node:path';
import { formatFinding } from '../../../src/app/check/check-finding.ts';
import { lookAtStore, storeFindings } from '../../../src/app/check/check-store.ts';
import { openStore } from '../../../src/store/open.ts';
import { accept } from '../../store/samples.ts';
import { temporaryDirectory } from '../../store/temporary.ts';
import { load, minimal } from '../config/fixture.ts';

describe('switchyard check: the database', () => {
  const directory = temporaryDirectory();
  const file = join(directory.path, 'switchyard.db');
  const store = () => ({ driver: 'sqlite', file }) as const;
  const { component } = load(minimal).config;
  const report = async (pools: readonly string[]): Promise<string> => {
    const look = await lookAtStore({ store: store(), component });
    return storeFindings(store(), look, pools).map(formatFinding).join('').replaceAll(file, 'FILE');
  };

  after(() => directory.remove());

  it('says what messages lie in it, and which of them no worker gets', async () => {
    assert.equal(await report(['jobs']), 'ok    database: FILE does not exist yet; it will be made\n');
    const opened = await openStore(store());
    assert.equal(await report(['jobs']), 'ok    database: FILE is in use by a running router\n');
    await opened.close();
    assert.equal(await report(['jobs']), 'ok    database: FILE is sound\n');
    const again = await openStore({ driver: 'sqlite', file });
    for (const id of [1, 2]) again.commit(accept(id));
    again.commit(accept(3, { state: 'dead' }));
    again.commit(accept(4, { pool: 'old' }));
    again.commit(accept(5, { pool: 'done' }));
    again.commit({ op: 'ack', pool: 'done', id: 5 });
    await again.close();
    assert.equal(
      await report(['jobs']),
      'ok    database: FILE is sound, and holds 3 messages for workers and 1 dead letter\n' +
        'note  database: 1 message for workers of the pool old, which is not in the configuration\n' +
        '      They stay there, and no worker gets them. Configure the pool again to have them delivered.\n',
    );
  });
});
