import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { GuardedStore } from '../../../src/app/standby/guarded-store.ts';
import type { Change } from '../../../src/core/durable-state.ts';
import { StoreError } from '../../../src/store/error.ts';
import { openStore } from '../../../src/store/open.ts';
import { accept } from '../../store/samples.ts';
import { until } from '../../support/until.ts';

const clear: Change = { op: 'clear-preference', pool: 'jobs' };

describe('the store of a router that may lose the lease', () => {
  it('accepts nothing while it is not sure, and takes all else', async () => {
    let sure = false;
    const store = new GuardedStore(await openStore({ driver: 'memory' }), {
      place: 'db',
      patience: 0,
      sure: () => sure,
      hopeful: () => true,
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
        patience: 0,
        sure: () => true,
        hopeful: () => true,
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

describe('the store of a router that wakes with a lease that has run out', () => {
  /** What was committed and what became of it, in order. */
  let told: string[];
  let inner: string[];
  let state: { sure: boolean; hopeful: boolean };
  let store: GuardedStore;

  /** @param patience Milliseconds. */
  async function open(patience: number): Promise<void> {
    const memory = await openStore({ driver: 'memory' });
    const noted = Object.create(memory, {
      commit: {
        value: (change: Change, done?: (error: Error | undefined) => void) => {
          inner.push(change.op);
          memory.commit(change, done);
        },
      },
      read: { value: (query: Parameters<typeof memory.read>[0]) => memory.read(query) },
      flush: { value: () => memory.flush() },
      close: { value: () => memory.close() },
      stats: { get: () => memory.stats },
    });
    [told, inner, state] = [[], [], { sure: false, hopeful: true }];
    store = new GuardedStore(noted, {
      place: 'db',
      patience,
      sure: () => state.sure,
      hopeful: () => state.hopeful,
      fenced: () => undefined,
    });
  }

  const commit = (name: string, change: Change): void =>
    store.commit(change, (error) => told.push(`${name} ${error === undefined ? 'done' : 'refused'}`));

  afterEach(() => store.close());

  it('holds what comes, with all that follows it, until the database has said that the lease is its own', async () => {
    await open(60_000);
    commit('first', accept(1));
    commit('second', clear);
    commit('third', accept(2));
    deepEqual([inner, told, store.stats.pending], [[], [], 3]);
    const read = store.read({ want: 'list', pool: 'jobs', states: ['ready', 'leased'], after: 0, limit: 10 });
    state.sure = true;
    equal((await read).rows.length, 2, 'a read finds what was committed before it');
    await store.flush();
    deepEqual(
      [inner, told],
      [
        ['accept', 'clear-preference', 'accept'],
        ['first done', 'second done', 'third done'],
      ],
    );
    commit('fourth', accept(3));
    await store.flush();
    deepEqual(told.at(-1), 'fourth done');
  });

  it('keeps the order of what comes as the lease is had again', async () => {
    await open(60_000);
    commit('first', accept(1));
    state.sure = true;
    commit('second', accept(2));
    await store.flush();
    deepEqual(told, ['first done', 'second done']);
  });

  it('refuses when the database does not say so in time, and waits no second time until it has', async () => {
    await open(30);
    commit('first', accept(1));
    commit('second', clear);
    await until(() => told.length === 2, 'it has waited');
    deepEqual([told.sort(), inner, store.stats.failed], [['first refused', 'second done'], ['clear-preference'], 1]);
    commit('third', accept(2));
    await Promise.resolve();
    deepEqual(told.at(-1), 'third refused');
    state.sure = true;
    commit('fourth', accept(3));
    await store.flush();
    state.sure = false;
    commit('fifth', accept(4));
    equal(store.stats.pending, 1, 'it was sure in between');
    state.sure = true;
    await store.flush();
    deepEqual(told.slice(-2), ['fourth done', 'fifth done']);
  });

  it('does not wait where the database did not answer before, nor as the router ends, nor for more than it may hold', async () => {
    await open(60_000);
    state.hopeful = false;
    commit('first', accept(1));
    await Promise.resolve();
    deepEqual(told, ['first refused']);
    state.hopeful = true;
    commit('second', accept(2));
    await store.flush();
    deepEqual(told, ['first refused', 'second refused']);
    await open(60_000);
    const large = accept(1, { tail: 'x'.repeat(400_000) });
    for (let n = 0; n < 1_000 && told.length === 0; n += 1) {
      commit('large', large);
      await Promise.resolve();
    }
    ok(told.length > 0, 'memory is bounded');
  });
});
