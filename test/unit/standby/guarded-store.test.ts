import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { GuardedStore } from '../../../src/app/standby/guarded-store.ts';
import type { Change } from '../../../src/core/durable-state.ts';
import { StoreError } from '../../../src/store/error.ts';
import { openStore } from '../../../src/store/open.ts';
import { accept } from '../../store/samples.ts';

const clear: Change = { op: 'clear-preference', pool: 'jobs' };

describe('the store of a router that may lose the lease', () => {
  it('accepts nothing while it is not sure, and takes all else', async () => {
    let sure = false;
    const store = new GuardedStore(await openStore({ driver: 'memory' }), {
      place: 'db',
      sure: () => sure,
      fenced: () => undefined,
    });
    const commit = (change: Change): Promise<Error | undefined> =>
      new Promise((resolve) => {
        store.commit(change, resolve);
      });
    const refused = await commit(accept(1));
    ok(refused instanceof StoreError);
    match(refused.message, /has not confirmed in time/);
    equal(await commit(clear), undefined);
    equal(store.stats.failed, 1);
    sure = true;
    equal(await commit(accept(1)), undefined);
    await store.close();
  });

  it('tells when the database says that another has the lease', async () => {
    const inner = await openStore({ driver: 'memory' });
    let fenced = 0;
    const store = new GuardedStore(
      Object.assign(Object.create(inner), {
        commit: (_: Change, done?: (error: Error) => void) => done?.(new StoreError('fenced', 'db', 'gone.', 'Stop.')),
      }),
      {
        place: 'db',
        sure: () => true,
        fenced: () => {
          fenced += 1;
        },
      },
    );
    const told: unknown[] = [];
    store.commit(clear, (error) => told.push(error instanceof StoreError && error.kind));
    deepEqual([told, fenced], [['fenced'], 1]);
  });
});
