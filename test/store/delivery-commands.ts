import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DeliveryChange, QueueQuery } from '../../src/core/delivery-state.ts';
import { StoreError } from '../../src/store/error.ts';
import type { Store } from '../../src/store/store.ts';
import { anyAttempt, anyId, anyPool, anyStep } from './delivery-arbitrary.ts';
import type { DeliveryModel } from './delivery-model.ts';
import { accept } from './samples.ts';

/** The store of one run; `reopen` closes it and opens it again. */
export interface Subject {
  store: Store;
  reopen(): Promise<void>;
}

type Command = fc.AsyncCommand<DeliveryModel, Subject>;

/**
 * Ids are never used twice, save by one who accepts again what is there. So the small ids of what was
 * made up stand for one of the last rows; those of a new row get the next number.
 */
function resolve(step: DeliveryChange, model: DeliveryModel): DeliveryChange {
  if (step.op === 'forget-duplicates') return { ...step, before: model.last - (step.before % 20) };
  const again = step.op !== 'accept' || step.id === 1;
  const row = again ? model.rows.at(-step.id) : undefined;
  if (row !== undefined) return { ...step, id: row.id };
  if (step.op !== 'accept') return step;
  model.last += 1;
  const duplicate = step.duplicate === undefined ? undefined : model.last.toString(16).padStart(32, '0');
  return { ...step, id: model.last, duplicate };
}

/** The same for a query, where 0 stands for itself. */
function place(query: QueueQuery, { rows }: DeliveryModel): QueueQuery {
  const idOf = (n: number): number => (n === 0 ? 0 : (rows.at(-n)?.id ?? n));
  if (query.want === 'ids') return { ...query, ids: query.ids.map(idOf) };
  return 'after' in query ? { ...query, after: idOf(query.after) } : query;
}

/** Commits some steps in one turn; each is answered as the model says. */
class Commit implements Command {
  readonly #steps: readonly DeliveryChange[];

  constructor(steps: readonly DeliveryChange[]) {
    this.#steps = steps;
  }

  check(): boolean {
    return true;
  }

  async run(model: DeliveryModel, { store }: Subject): Promise<void> {
    const results: string[] = [];
    const expected: string[] = [];
    for (const symbolic of this.#steps) {
      const step = resolve(symbolic, model);
      expected.push(model.take(step));
      store.commit(step, (error) => results.push(error instanceof StoreError ? error.kind : String(error ?? 'stored')));
    }
    await store.flush();
    assert.deepEqual(results, expected);
  }

  toString(): string {
    return `commit(${JSON.stringify(this.#steps)})`;
  }
}

class Read implements Command {
  readonly #query: QueueQuery;

  constructor(query: QueueQuery) {
    this.#query = query;
  }

  check(): boolean {
    return true;
  }

  async run(model: DeliveryModel, { store }: Subject): Promise<void> {
    const query = place(this.#query, model);
    const all = model.read(query);
    const { rows, more } = await store.read(query);
    assert.deepEqual(rows, all.slice(0, rows.length));
    assert.equal(more, rows.length < all.length);
    const { limit, bytes } = { limit: all.length, bytes: Number.POSITIVE_INFINITY, ...query };
    const held = rows.reduce((sum, row) => sum + row.bytes, 0);
    assert.ok(rows.length <= limit && (held <= bytes || rows.length === 1), `${rows.length} rows of ${held} bytes`);
    const next = all[rows.length];
    assert.ok(next === undefined || rows.length === limit || held + next.bytes > bytes, 'there was room for more');
  }

  toString(): string {
    return `read(${JSON.stringify(this.#query)})`;
  }
}

/** Everything that is read at start is what the model has, and adds up. */
class Load implements Command {
  readonly #reopens: boolean;

  constructor(reopens: boolean) {
    this.#reopens = reopens;
  }

  check(): boolean {
    return true;
  }

  async run(model: DeliveryModel, subject: Subject): Promise<void> {
    if (this.#reopens) await subject.reopen();
    const { queues } = await subject.store.load();
    assert.deepEqual(queues.map(({ pool }) => pool).sort(), [...model.tallies.keys()].sort());
    for (const { pool, tally, open, bytes, dead, senders, begun, duplicates } of queues) {
      assert.deepEqual(tally, model.tallies.get(pool));
      assert.equal(tally.accepted, tally.acknowledged + tally.bounced + tally.purged + open + dead);
      const rows = model.read({ want: 'list', pool, states: ['ready', 'leased'], after: 0, limit: 0 });
      assert.deepEqual([open, bytes], [rows.length, rows.reduce((sum, row) => sum + row.bytes, 0)]);
      assert.deepEqual(
        begun,
        rows.filter(({ state, attempt, base }) => state === 'leased' || attempt > base),
      );
      for (const { sender, open: count } of senders) {
        assert.equal(count, rows.filter((row) => row.sender.split('/')[0] === sender).length);
      }
      assert.equal(
        senders.reduce((sum, { open: count }) => sum + count, 0),
        open,
      );
      const known = model.duplicates.filter((duplicate) => duplicate.pool === pool);
      assert.deepEqual(
        duplicates,
        known.map(({ id, key }) => ({ id, key })).sort((a, b) => a.id - b.id),
      );
    }
  }

  toString(): string {
    return this.#reopens ? 'reopen' : 'load';
  }
}

const time = fc.nat({ max: 50 });
const anyKey = fc.constantFrom('a', 'b', undefined);
const anyAccept = fc
  .record({
    pool: anyPool,
    id: anyId,
    state: fc.constantFrom('ready', 'ready', 'leased', 'dead'),
    key: anyKey,
    expires: time,
    bytes: fc.nat({ max: 100 }),
    sender: fc.constantFrom('a@h/1', 'a@h/2', 'b@h', 'gateway.example'),
    known: fc.boolean(),
  })
  .map(({ state, known, id, ...more }): DeliveryChange => {
    const begun = state === 'ready' ? {} : { attempt: 1, worker: 'w@h/1', deadAt: more.expires };
    return accept(id, { ...more, ...begun, state }, known ? 'known' : undefined);
  });
// No XML holds U+0000, and PostgreSQL takes none.
const otherStep = anyStep
  .filter(({ op }) => op !== 'accept')
  .filter((step) => !JSON.stringify(step).includes('\\u0000'));
const bounds = { limit: fc.integer({ min: 1, max: 8 }), bytes: fc.integer({ min: 1, max: 300 }) };
const anyQuery: fc.Arbitrary<QueueQuery> = fc.oneof(
  fc.record({ want: fc.constant('ready'), pool: anyPool, after: anyAttempt, ...bounds }),
  fc.record({ want: fc.constant('key'), pool: anyPool, key: fc.constantFrom('a', 'b'), after: anyAttempt, ...bounds }),
  fc.record({ want: fc.constant('expired'), pool: anyPool, now: time, limit: bounds.limit }),
  fc.record({ want: fc.constant('dead'), pool: anyPool, from: time, before: time, limit: bounds.limit }),
  fc.record({
    want: fc.constant('list'),
    pool: anyPool,
    states: fc.uniqueArray(fc.constantFrom('ready', 'leased', 'dead')),
    after: anyAttempt,
    limit: bounds.limit,
  }),
  fc.record({ want: fc.constant('ids'), pool: anyPool, ids: fc.array(anyId, { maxLength: 5 }) }),
);

/** Any history of a store, with its readings in between. */
export const anyHistory = fc.commands<DeliveryModel, Subject, false>(
  [
    fc
      .array(fc.oneof(anyAccept, anyAccept, otherStep, otherStep, otherStep), { maxLength: 8 })
      .map((steps) => new Commit(steps)),
    anyQuery.map((query) => new Read(query)),
    fc.constantFrom(new Load(false), new Load(true)),
  ],
  { maxCommands: 80, size: 'max' },
);
