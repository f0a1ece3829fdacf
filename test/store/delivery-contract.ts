import assert from 'node:assert/strict';
import type { DeliveryChange, QueueQuery, StoredDelivery, StoredQueue } from '../../src/core/delivery-state.ts';
import { StoreError } from '../../src/store/error.ts';
import type { Store } from '../../src/store/store.ts';
import type { Fixture } from './contract.ts';
import { bounce, bury, extend, id, lease, pool, release, type Start, starts, steps } from './delivery-steps.ts';
import { accept, delivery, leased, putMember } from './samples.ts';

const keyOf = (id: number): string => id.toString(16).padStart(32, '0');

/** What every driver does with deliveries. `open` makes an empty store. */
export function deliveryContract(driver: string, open: () => Promise<Fixture>): void {
  describe(`store contract, deliveries: ${driver}`, () => {
    let fixture: Fixture;
    let store: Store;

    beforeEach(async () => {
      fixture = await open();
      store = fixture.store;
    });

    afterEach(() => fixture.dispose());

    /** `stored`, or the kind of the error. */
    const commit = (change: Parameters<Store['commit']>[0]): Promise<string> =>
      new Promise((resolve) => {
        store.commit(change, (error) =>
          resolve(error instanceof StoreError ? error.kind : (error?.message ?? 'stored')),
        );
      });
    const read = async (query: QueueQuery): Promise<readonly StoredDelivery[]> => (await store.read(query)).rows;
    const queueOf = async (name = 'jobs'): Promise<StoredQueue | undefined> =>
      (await store.load()).queues.find((queue) => queue.pool === name);
    const ids = async (query: QueueQuery): Promise<string> => {
      const { rows, more } = await store.read(query);
      return `${rows.map((row) => row.id).join(' ')}${more ? ' and more' : ''}`;
    };

    it('gives back every field of every row', async () => {
      const full = delivery(2 ** 52, {
        ...leased,
        type: 'normal',
        message: 'm-17',
        wire: 'ours',
        lang: 'de',
        rest: '{"thread":"t"}',
        key: 'sensor@example.org',
        receipt: true,
        attempt: 3,
        base: 2,
        nonce: '0123456789abcdef',
        notBefore: 8,
        history: '[]',
        reason: 'none really',
        deadAt: Number.MAX_SAFE_INTEGER,
        since: 0,
      });
      const rows = [delivery(1, { type: undefined }), delivery(2, { state: 'dead', type: 'headline' }), full];
      for (const row of rows) assert.equal(await commit({ op: 'accept', duplicate: undefined, ...row }), 'stored');
      assert.deepEqual(await read({ want: 'ids', pool: 'jobs', ids: [2 ** 52, 2, 1, 2] }), rows);
    });

    it('keeps odd texts, and those of the size of a stanza, as they are', async () => {
      const texts = ['', ' ', '😀', 'e\u0301', '\u00e9', "'); drop table delivery; --", '\u{10ffff}\r\n\t', '%?:$@'];
      texts.push('<body>ä</body>'.repeat(20_000));
      const rows = texts.map((text, index) =>
        delivery(index + 1, { pool: 'größe', sender: `${text}@h/x`, tail: text, rest: text, key: text, worker: text }),
      );
      for (const row of rows) store.commit({ op: 'accept', duplicate: undefined, ...row });
      const query = { want: 'ready', pool: 'größe', after: 0, limit: 100, bytes: 1e9 } as const;
      assert.deepEqual(await read(query), rows);
      for (const row of rows) assert.deepEqual(await read({ ...query, want: 'key', key: row.key ?? '' }), [row]);
    });

    it('takes each step only where the row is as it must be', async () => {
      for (const { step, takes } of steps) {
        for (const [from, start] of Object.entries(starts) as [Start, StoredDelivery | undefined][]) {
          const name = `'${step.op}'${'attempt' in step ? ` of attempt ${step.attempt}` : ''}: ${from}`;
          if (start !== undefined)
            assert.equal(await commit({ op: 'accept', duplicate: undefined, ...start }), 'stored');
          assert.equal(await commit({ ...step, pool: 'other' }), 'stale', `${name}, in another pool`);
          const after = takes[from];
          assert.equal(await commit(step), after === undefined ? 'stale' : 'stored', name);
          const expected = after === 'gone' || start === undefined ? [] : [{ ...start, ...after }];
          assert.deepEqual(await read({ want: 'ids', pool, ids: [id] }), expected, name);
          await commit({ op: 'purge', pool, id });
        }
      }
    });

    it('refuses what is stale alone, in its place, and counts the others', async () => {
      const results: string[] = [];
      const changes: DeliveryChange[] = [
        accept(1, leased),
        { op: 'ack', pool, id: 1 },
        { op: 'ack', pool, id: 1 },
        accept(2),
        lease(1),
        { ...lease(1), id: 2 },
        { ...lease(1), id: 2 },
      ];
      changes.forEach((change, index) => {
        store.commit(change, (error) =>
          results.push(`${index} ${error instanceof StoreError ? error.kind : 'stored'}`),
        );
      });
      store.commit(putMember('a'), (error) => results.push(`member ${String(error)}`));
      await store.flush();
      assert.deepEqual(results, [
        '0 stored',
        '1 stored',
        '2 stale',
        '3 stored',
        '4 stale',
        '5 stored',
        '6 stale',
        'member undefined',
      ]);
      const { members, queues } = await store.load();
      assert.equal(members.length, 1);
      assert.deepEqual(queues[0]?.tally, {
        accepted: 2,
        acknowledged: 1,
        bounced: 0,
        purged: 0,
        last: queues[0]?.tally.last,
      });
      assert.deepEqual(store.health, { ok: true });
      assert.equal(store.stats.failed, 3);
    });

    it('keeps the order of the steps of one delivery, also within a batch', async () => {
      const one = { pool, id: 1 };
      const changes: DeliveryChange[] = [
        accept(1),
        { ...lease(1), ...one },
        { ...extend(1), ...one },
        { ...release(1), ...one },
        { ...lease(2), ...one },
        { ...bury(2), ...one },
        { op: 'redrive', ...one, expires: 5, notBefore: 6 },
        { ...lease(3), ...one },
      ];
      const results = await Promise.all(changes.map(commit));
      assert.deepEqual(new Set(results), new Set(['stored']));
      const [row] = await read({ want: 'ids', pool, ids: [1] });
      assert.deepEqual([row?.state, row?.attempt, row?.base, row?.expires], ['leased', 3, 2, 5]);
    });

    it('takes a message once: an id that is there is left alone', async () => {
      await commit(accept(1, { tail: 'first' }, keyOf(1)));
      assert.equal(await commit(accept(1, { tail: 'second', pool: 'other' }, keyOf(2))), 'stored');
      const { queues } = await store.load();
      assert.deepEqual(
        queues.map(({ pool: name, tally, duplicates }) => [name, tally.accepted, duplicates]),
        [['jobs', 1, [{ id: 1, key: keyOf(1) }]]],
      );
      assert.deepEqual(
        (await read({ want: 'ids', pool, ids: [1] })).map(({ tail }) => tail),
        ['first'],
      );
    });

    it('knows a duplicate until its time, unless the message came back or died', async () => {
      for (const n of [1, 2, 3, 4, 5, 6]) store.commit(accept(n, {}, n === 6 ? undefined : keyOf(n)));
      store.commit(accept(10, { pool: 'other' }, keyOf(10)));
      store.commit({ op: 'ack', pool, id: 1 });
      store.commit({ ...bury(0), id: 2 });
      store.commit({ ...bounce(0), id: 3 });
      store.commit({ op: 'purge', pool, id: 4 });
      const known = async (name?: string): Promise<number[] | undefined> =>
        (await queueOf(name))?.duplicates.map((duplicate) => duplicate.id);
      assert.deepEqual(await known(), [1, 5]);
      store.commit({ op: 'forget-duplicates', pool, before: 5 });
      assert.deepEqual(await known(), [5]);
      store.commit({ op: 'forget-duplicates', pool, before: 100 });
      assert.deepEqual([await known(), await known('other')], [[], [10]]);
    });

    it('forgets within a batch the duplicates that are before it in the batch, and none that come after', async () => {
      store.commit(accept(1, {}, keyOf(1)));
      store.commit({ op: 'forget-duplicates', pool, before: 10 });
      store.commit(accept(2, {}, keyOf(2)));
      store.commit({ ...bury(0), id: 1 });
      assert.deepEqual(
        (await queueOf())?.duplicates.map((duplicate) => duplicate.id),
        [2],
      );
    });

    it('adds up: accepted = acknowledged + bounced + purged + dead + open', async () => {
      for (let n = 1; n <= 10; n += 1) store.commit(accept(n, n % 2 === 0 ? leased : {}));
      store.commit({ op: 'ack', pool, id: 1 });
      store.commit({ op: 'ack', pool, id: 2 });
      store.commit({ ...bounce(0), id: 3 });
      store.commit({ op: 'purge', pool, id: 4 });
      store.commit({ ...bury(0), id: 5 });
      store.commit({ ...bury(1), id: 6 });
      store.commit({ op: 'purge', pool, id: 6 });
      const queue = await queueOf();
      assert.deepEqual(queue?.tally, { accepted: 10, acknowledged: 2, bounced: 1, purged: 2, last: queue?.tally.last });
      assert.deepEqual([queue?.open, queue?.dead, queue?.bytes], [4, 1, 400]);
    });

    it('gives at the start what is begun, who has how much open, and nothing of the rest but its number', async () => {
      const begun = [
        delivery(2, { ...leased, sender: 'b@h/1' }),
        delivery(4, { attempt: 2, base: 1, sender: 'a@h/2' }),
        delivery(5, { ...leased, sender: 'gateway.example' }),
      ];
      const others = [
        delivery(1, { sender: 'a@h/1', bytes: 7 }),
        delivery(3, { attempt: 2, base: 2, sender: 'a@h' }),
        delivery(6, { state: 'dead', attempt: 1 }),
      ];
      for (const row of [...begun, ...others]) store.commit({ op: 'accept', duplicate: undefined, ...row });
      store.commit(accept(9, { pool: 'other' }));
      const queue = await queueOf();
      assert.deepEqual(queue?.begun, begun);
      assert.deepEqual([queue.open, queue.bytes, queue.dead], [5, 407, 1]);
      const senders = queue.senders.map(({ sender, open: count }) => `${sender} ${count}`).sort();
      assert.deepEqual(senders, ['a@h 3', 'b@h 1', 'gateway.example 1']);
    });

    it('reads what waits by id, in portions of rows and of bytes', async () => {
      for (const n of [5, 3, 1, 4, 2]) store.commit(accept(n, { bytes: 10 * n, key: n % 2 === 0 ? 'even' : 'odd' }));
      store.commit(accept(6, { attempt: 1 }));
      store.commit(accept(7, leased));
      store.commit(accept(8, { state: 'dead' }));
      store.commit(accept(9, { pool: 'other' }));
      store.commit(accept(10, { attempt: 2, base: 2, key: 'even' }));
      const ready = { want: 'ready', pool, after: 0, limit: 10, bytes: 1000 } as const;
      assert.equal(await ids(ready), '1 2 3 4 5 10');
      assert.equal(await ids({ ...ready, after: 2, limit: 2 }), '3 4 and more');
      assert.equal(await ids({ ...ready, after: 4, limit: 2 }), '5 10');
      assert.equal(await ids({ ...ready, bytes: 60 }), '1 2 3 and more');
      assert.equal(await ids({ ...ready, bytes: 1, after: 4 }), '5 and more');
      assert.equal(await ids({ ...ready, pool: 'none' }), '');
      assert.equal(await ids({ ...ready, want: 'key', key: 'even' }), '2 4 10');
      assert.equal(await ids({ ...ready, want: 'key', key: 'even', after: 2, limit: 1 }), '4 and more');
      assert.equal(await ids({ ...ready, want: 'key', key: 'even', bytes: 20 }), '2 and more');
      assert.equal(await ids({ ...ready, want: 'key', key: 'none' }), '');
    });

    it('reads what is expired, what is dead and what an operator asks for', async () => {
      for (const [n, expires] of [30, 10, 20, 40].entries()) store.commit(accept(n + 1, { expires }));
      store.commit(accept(5, { expires: 5, attempt: 1 }));
      store.commit(accept(6, { ...leased, expires: 1 }));
      for (const [n, deadAt] of [9, 7, 8].entries()) store.commit(accept(n + 7, { state: 'dead', deadAt, expires: 1 }));
      store.commit(accept(10, { pool: 'other', expires: 1 }));
      store.commit(accept(11, { pool: 'other', state: 'dead' }));
      assert.equal(await ids({ want: 'expired', pool, now: 30, limit: 10 }), '5 2 3 1');
      assert.equal(await ids({ want: 'expired', pool, now: 30, limit: 2 }), '5 2 and more');
      assert.equal(await ids({ want: 'dead', pool, from: 0, before: 9, limit: 10 }), '8 9');
      assert.equal(await ids({ want: 'dead', pool, from: 8, before: 100, limit: 10 }), '9 7');
      assert.equal(await ids({ want: 'dead', pool, from: 0, before: 100, limit: 1 }), '8 and more');
      const list = { want: 'list', pool, after: 0, limit: 10 } as const;
      assert.equal(await ids({ ...list, states: ['ready', 'leased', 'dead'] }), '1 2 3 4 5 6 7 8 9');
      assert.equal(await ids({ ...list, states: ['dead', 'leased'], after: 6, limit: 2 }), '7 8 and more');
      assert.equal(await ids({ ...list, states: ['leased'] }), '6');
      assert.equal(await ids({ ...list, states: [] }), '');
      assert.equal(await ids({ want: 'ids', pool, ids: [11, 3, 99, 1] }), '1 3');
    });

    it('reads what was committed before, and not before it was reported', async () => {
      const order: string[] = [];
      await commit(accept(1));
      for (let n = 2; n <= 1500; n += 1) store.commit(accept(n), () => void (n === 1500 && order.push('reported')));
      const reading = store.read({ want: 'ready', pool, after: 0, limit: 2000, bytes: 1e9 });
      const { rows } = await reading.finally(() => order.push('read'));
      assert.equal(rows.length, 1500);
      assert.deepEqual(order, ['reported', 'read']);
    });
  });
}
