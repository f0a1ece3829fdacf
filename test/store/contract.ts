import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Change } from '../../src/core/durable-state.ts';
import { StoreError } from '../../src/store/error.ts';
import type { Store } from '../../src/store/store.ts';
import { emptySnapshot } from '../router/house.ts';
import { anyChange } from './change-arbitrary.ts';
import { modelOf } from './model.ts';
import { conversation, member, putMember, sorted } from './samples.ts';

/** An empty store of one test. */
export interface Fixture {
  readonly store: Store;
  /** Closes the store and removes what it left. */
  dispose(): Promise<void>;
}

/** What every driver does. `open` makes an empty store. */
export function storeContract(driver: string, open: () => Promise<Fixture>): void {
  describe(`store contract: ${driver}`, () => {
    let fixture: Fixture;
    let store: Store;

    beforeEach(async () => {
      fixture = await open();
      store = fixture.store;
    });

    afterEach(() => fixture.dispose());

    it('is empty and healthy at first', async () => {
      assert.deepEqual(await store.load(), emptySnapshot);
      assert.deepEqual(store.health, { ok: true });
    });

    it('gives back every field of every row', async () => {
      const rows = [
        member('none'),
        member('all', { sequence: 2, priority: -128, show: 'dnd', weight: 7, capacity: 12, drain: true, pings: true }),
        member('false', { sequence: 3, priority: 127, show: 'xa', weight: 0.5, pings: false, seen: 0 }),
      ];
      for (const row of rows) store.commit({ op: 'put-member', ...row });
      store.commit({ op: 'set-preference', pool: 'jobs', algorithm: 'weighted', replaced: 'all' });
      store.commit(conversation('sensor@example.org/line', 5));
      const subscription = { pool: 'jobs', peer: 'worker@example.org', state: 'from', ask: true } as const;
      store.commit({ op: 'put-subscription', ...subscription });
      const label = { pool: 'jobs', label: 'one', bare: 'w@example.org', at: 9 };
      store.commit({ op: 'put-label', ...label });
      const alias = { pool: 'jobs', sender: 'zoë@example.org/x', key: 'abcdefghijklmnopqrstuvwxyz', at: 7 };
      store.commit({ op: 'put-alias', ...alias });
      const orders = [
        { pool: 'jobs', jid: 'w@example.org/1', held: 'drained', weight: undefined },
        { pool: 'jobs', jid: 'w@example.org/2', held: undefined, weight: 1000 },
      ] as const;
      for (const order of orders) store.commit({ op: 'put-order', ...order });
      store.commit({ op: 'put-order', pool: 'jobs', jid: 'w@example.org/3', held: 'suspended', weight: 1 });
      store.commit({ op: 'remove-order', pool: 'jobs', jid: 'w@example.org/3' });
      const made = { pool: 'night', settings: '{"workers":["zoë@example.org"]}', by: 'admin@example.org', at: 11 };
      store.commit({ op: 'put-pool', ...made, settings: '{}', at: 10 });
      store.commit({ op: 'put-pool', ...made });
      store.commit({ op: 'put-pool', ...made, pool: 'gone' });
      store.commit({ op: 'remove-pool', pool: 'gone' });
      const { preferences, members, conversations, subscriptions, aliases, labels, ...others } = await store.load();
      assert.deepEqual(subscriptions, [subscription]);
      assert.deepEqual(aliases, [alias]);
      assert.deepEqual(labels, [label]);
      assert.deepEqual(others.orders, orders);
      assert.deepEqual(others.made, [made]);
      assert.deepEqual(members, rows);
      assert.deepEqual(preferences, [{ pool: 'jobs', algorithm: 'weighted', replaced: 'all' }]);
      assert.deepEqual(conversations, [
        { pool: 'jobs', sender: 'sensor@example.org/line', worker: 'worker@example.org', at: 5 },
      ]);
    });

    it('gives the members of a pool in join order', async () => {
      for (const [name, sequence] of [
        ['c', 3],
        ['a', 2],
        ['b', 10],
      ] as const)
        store.commit(putMember(name, { sequence }));
      const { members } = await store.load();
      assert.deepEqual(
        members.map(({ label }) => label),
        ['a', 'c', 'b'],
      );
    });

    it('keeps odd strings as they are, and apart', async () => {
      const odd = [
        '😀',
        'e\u0301',
        '\u00e9',
        "'; drop table member; --",
        ' ',
        'A',
        'a',
        '\u{10ffff}',
        'x'.repeat(3071),
        '',
      ];
      for (const jid of odd) store.commit({ op: 'put-member', ...member('odd', { jid, label: jid }) });
      const { members } = await store.load();
      assert.deepEqual(members.map(({ jid }) => jid).sort(), [...odd].sort());
      assert.ok(members.every(({ jid, label }) => jid === label));
    });

    it('calls done on a later turn, once for each, in the order of the commits', async () => {
      const calls: number[] = [];
      for (let index = 0; index < 1200; index += 1) {
        // Every third takes the place of another write of its batch.
        store.commit(conversation(`s${index % 3 === 0 ? 0 : index}@h`, index), (error) => {
          assert.equal(error, undefined);
          calls.push(index);
        });
      }
      assert.deepEqual(calls, []);
      await store.flush();
      assert.deepEqual(
        calls,
        Array.from({ length: 1200 }, (_, index) => index),
      );
    });

    it('keeps the order of changes to one key within a batch', async () => {
      store.commit(putMember('a', { priority: 1 }));
      store.commit({ op: 'remove-member', pool: 'jobs', jid: 'a@example.org/desk' });
      store.commit(putMember('a', { priority: 2 }));
      store.commit(conversation('old@h', 1));
      store.commit({ op: 'expire-conversations', pool: 'jobs', before: 10 });
      store.commit(conversation('old@h', 2));
      const { members, conversations } = await store.load();
      assert.deepEqual(
        members.map(({ priority }) => priority),
        [2],
      );
      assert.deepEqual(
        conversations.map(({ at }) => at),
        [2],
      );
    });

    it('expires within a batch what is before it in the batch, and nothing that comes after', async () => {
      store.commit(conversation('before@h', 1));
      store.commit({ op: 'expire-conversations', pool: 'jobs', before: 10 });
      store.commit(conversation('after@h', 2));
      const { conversations } = await store.load();
      assert.deepEqual(
        conversations.map(({ sender }) => sender),
        ['after@h'],
      );
    });

    it('expires the conversations of one pool only, and of those the older', async () => {
      for (const at of [1, 5, 9]) store.commit(conversation(`s${at}@h`, at));
      store.commit(conversation('s1@h', 1, 'other'));
      store.commit({ op: 'expire-conversations', pool: 'jobs', before: 5 });
      const { conversations } = await store.load();
      assert.deepEqual(conversations.map(({ pool, at }) => `${pool} ${at}`).sort(), ['jobs 5', 'jobs 9', 'other 1']);
    });

    it('gathers the changes of a turn in batches of at most 500 rows', async () => {
      for (let index = 0; index < 1001; index += 1) store.commit(conversation(`s${index}@h`, index));
      assert.equal(store.stats.pending, 1001);
      await store.flush();
      const { batches, rows, pending, failed } = store.stats;
      assert.deepEqual({ batches, rows, pending, failed }, { batches: 3, rows: 1001, pending: 0, failed: 0 });
    });

    it('takes commits from within done, and a done that throws spoils nothing', async () => {
      const order: string[] = [];
      const thrown = new Promise<unknown>((resolve) => {
        const listeners = process.listeners('uncaughtException');
        process.removeAllListeners('uncaughtException');
        process.once('uncaughtException', (error) => {
          for (const listener of listeners) process.on('uncaughtException', listener);
          resolve(error);
        });
      });
      store.commit(putMember('a'), () => {
        store.commit(putMember('c'), () => order.push('c'));
        throw new Error('planted');
      });
      store.commit(putMember('b'), () => order.push('b'));
      assert.match(String(await thrown), /planted/);
      assert.equal((await store.load()).members.length, 3);
      assert.deepEqual(order, ['b', 'c']);
    });

    it('writes everything before it closes, and refuses afterwards', async () => {
      const results: (Error | undefined)[] = [];
      store.commit(putMember('a'), (error) => results.push(error));
      await store.close();
      assert.deepEqual(results, [undefined]);
      const error = await new Promise<Error | undefined>((resolve) => store.commit(putMember('b'), resolve));
      assert.ok(error instanceof StoreError && error.kind === 'closed');
      await store.close();
    });

    it('holds what any sequence of changes means', async () => {
      const all: Change[] = [];
      await fc.assert(
        fc.asyncProperty(fc.array(anyChange, { maxLength: 60 }), fc.nat({ max: 60 }), async (changes, pause) => {
          for (const [index, change] of changes.entries()) {
            if (index === pause) await store.flush();
            all.push(change);
            store.commit(change, (error) => assert.equal(error, undefined));
          }
          assert.deepEqual(sorted(await store.load()), sorted(modelOf(all)));
        }),
        { numRuns: 60, endOnFailure: true },
      );
    });
  });
}
