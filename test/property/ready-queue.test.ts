import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ReadyQuery } from '../../src/core/durable/backlog.ts';
import type { Delivery } from '../../src/core/durable/delivery.ts';
import { ReadyQueue } from '../../src/core/durable/ready-queue.ts';
import { MemoryBudget } from '../../src/core/memory/memory.ts';
import { newDelivery } from '../unit/durable/new-delivery.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 400);
const never = Number.POSITIVE_INFINITY;

/** What stands in the store of one delivery. */
interface Row {
  readonly id: number;
  readonly key: string | undefined;
  readonly size: number;
  readonly expires: number;
  state: 'ready' | 'leased' | 'dead';
  /** Never begun since it was accepted, or redriven last. */
  fresh: boolean;
  notBefore: number;
  /** The queue has been told of it. */
  told: boolean;
  /** It came to the queue by `back`. */
  back: boolean;
  attempt: number;
  base: number;
  redriven: boolean;
}

/** How a delivery stops being with a worker (first three), or waiting, or is put in line again. */
const ends = ['back', 'done', 'die', 'cancel', 'bury', 'redrive'] as const;
const which = fc.nat({ max: 1_000 });
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constantFrom('accept' as const, 'accept' as const, 'straight' as const),
      key: fc.option(fc.nat({ max: 5 }), { nil: undefined, freq: 4 }),
      size: fc.constantFrom(10, 100, 900),
      life: fc.constantFrom(never, never, 20_000),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constantFrom('ask' as const, 'ask' as const, 'complete' as const, 'complete' as const, 'take' as const),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constantFrom(...ends),
      which,
      delay: fc.constantFrom(0, 1_000, 9_000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constantFrom('fail' as const, 'late' as const, 'expire' as const) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('wait' as const), time: fc.nat({ max: 10_000 }) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('others' as const), bytes: fc.nat({ max: 12_000 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Bounds {
  readonly heads: number;
  readonly limit: number;
  readonly ordered: boolean;
  /** Rows that an earlier process left. */
  readonly left: number;
}

/** A queue with a store that answers late but in order, and everything that a naive look at the store can say about both. */
class Play {
  readonly #bounds: Bounds;
  readonly #budget: MemoryBudget;
  readonly #queue: ReadyQueue;
  readonly #rows = new Map<number, Row>();
  readonly #out = new Map<number, Delivery>();
  /** What the store has done and not yet reported. */
  readonly #line: ((failed: boolean) => void)[] = [];
  #read: ((failed: boolean) => void) | undefined;
  /** What was read last, while nothing has happened since. */
  #justRead: { readonly query: ReadyQuery; readonly resident: number } | undefined;
  #now = 1_000_000;
  #ids = 0;
  #others = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#budget = new MemoryBudget(bounds.limit);
    const { heads, ordered } = bounds;
    this.#queue = new ReadyQueue({ pool: 'jobs', heads, memory: this.#budget, ordered });
    for (let index = 0; index < bounds.left; index += 1)
      this.#insert(index % 3 === 0 ? undefined : index % 2, 50, never);
    for (const row of this.#rows.values()) row.told = true;
    this.#queue.restore(bounds.left);
  }

  act(step: Step): void {
    if (!['ask', 'complete', 'late'].includes(step.op)) this.#justRead = undefined;
    switch (step.op) {
      case 'accept':
        this.#accept(step.key, step.size, this.#now + step.life);
        break;
      case 'straight':
        this.#straight(step.key, step.size, this.#now + step.life);
        break;
      case 'ask':
        this.#ask();
        break;
      case 'complete':
        this.#line.shift()?.(false);
        break;
      case 'fail':
        this.#line.shift()?.(true);
        break;
      case 'late':
        // What is reported after a read may be known before its answer.
        if (this.#line[0] === this.#read) this.#line.push(...this.#line.splice(0, 1));
        break;
      case 'take':
        this.#take();
        break;
      case 'wait':
        this.#now += step.time;
        break;
      case 'others':
        this.#budget.give(this.#others);
        this.#others = Math.max(0, Math.min(step.bytes, this.#budget.limit - this.#budget.used));
        this.#budget.hold(this.#others);
        break;
      case 'expire':
        this.#expire();
        break;
      default:
        this.#end(step.op, step.which, step.delay);
    }
    this.#look();
  }

  /** Every delivery gets its turn once the store answers and workers are done. */
  drain(): void {
    this.#settle();
    for (let turn = 0; this.#rows.size > 0 || this.#line.length > 0; turn += 1) {
      assert.ok(turn < 5_000, `${this.#rows.size} rows are left, ${this.#queue.size} wait`);
      this.#ask();
      this.#line.shift()?.(false);
      this.#take();
      this.#end('done', 0, 0);
      if (turn % 10 === 9) this.#now += 1_000;
      for (const row of this.#rows.values()) if (row.state === 'dead') this.#rows.delete(row.id);
      this.#look();
    }
    assert.equal(this.#queue.size, 0);
    // Of a key whose last ones were cancelled it finds out by one read that there are no more.
    this.#settle();
    assert.equal(this.#queue.wanted(), undefined);
    assert.equal(this.#queue.oldestSince(), undefined);
    assert.equal(this.#queue.dueAt(), never);
    assert.equal(this.#budget.used, this.#others);
  }

  /** Without anybody being done, all that could go goes, whatever else is busy. */
  #settle(): void {
    for (let turn = 0, busy = true; busy; turn += 1) {
      assert.ok(turn < 5_000, 'it never rests');
      const taken = this.#out.size;
      this.#take();
      this.#ask();
      busy = this.#out.size > taken || this.#line.length > 0;
      this.#line.shift()?.(false);
      this.#look();
    }
    const begun = this.#waiting().filter(({ back }) => back).length;
    if (begun >= this.#bounds.heads) return;
    assert.deepEqual(
      this.#waiting().filter((row) => this.#couldGo(row)),
      [],
      'who could go does not',
    );
  }

  #insert(key: number | undefined, size: number, expires: number): Row {
    this.#ids += 3;
    const row: Row = {
      id: this.#ids,
      key: key === undefined ? undefined : `k${key}`,
      size,
      expires,
      state: 'ready',
      fresh: true,
      notBefore: 0,
      told: false,
      back: false,
      attempt: 0,
      base: 0,
      redriven: false,
    };
    this.#rows.set(row.id, row);
    return row;
  }

  #accept(key: number | undefined, size: number, expires: number): void {
    const row = this.#insert(key, size, expires);
    this.#line.push(() => {
      this.#justRead = undefined;
      row.told = true;
      this.#queue.add(deliveryOf(row));
    });
  }

  /** Accepted and given to a worker at once, where nothing of its key may go before it. */
  #straight(key: number | undefined, size: number, expires: number): void {
    const name = `k${key}`;
    if (key !== undefined) {
      const same = [...this.#rows.values()].filter((row) => row.key === name && row.state !== 'dead');
      if (this.#bounds.ordered && same.some(({ told, state }) => !told && state === 'ready')) return;
      const free = this.#queue.keyFree(name);
      if (this.#bounds.ordered && free) assert.deepEqual(same, [], 'the key is free');
      if (!free) return;
    }
    const row = this.#insert(key, size, expires);
    row.told = true;
    this.#lease(row, deliveryOf(row));
  }

  #lease(row: Row, delivery: Delivery): void {
    this.#justRead = undefined;
    row.state = 'leased';
    row.fresh = false;
    row.back = false;
    row.attempt += 1;
    delivery.attempt += 1;
    this.#queue.take(delivery);
    this.#out.set(row.id, delivery);
  }

  #ask(): void {
    const query = this.#queue.wanted();
    if (query === undefined) return;
    assert.equal(this.#read, undefined, 'one read at a time');
    // To ask again it has to have made room, at least.
    assert.notDeepEqual({ query, resident: this.#queue.resident }, this.#justRead, 'it has just been told');
    this.#justRead = undefined;
    // What it says is what stands in the store now.
    const { rows, more } = answer([...this.#rows.values()], query);
    this.#read = (failed) => {
      this.#read = undefined;
      if (failed) {
        this.#queue.failed(query);
        return;
      }
      assert.deepEqual(this.#queue.fill(query, rows, more), []);
      this.#justRead = { query, resident: this.#queue.resident };
    };
    this.#line.push(this.#read);
  }

  #take(): void {
    const delivery = this.#queue.next(this.#now);
    assert.equal(this.#queue.next(this.#now), delivery, 'to look takes nothing');
    if (delivery === undefined) {
      this.#nothing();
      return;
    }
    const row = this.#rows.get(delivery.id) ?? assert.fail('it is gone');
    assert.equal(row.state, 'ready');
    assert.ok(row.told && row.notBefore <= this.#now);
    assert.equal(delivery.message?.size, row.size);
    const others = this.#waiting().filter(({ id }) => id < row.id);
    if (this.#ordersBy(row)) {
      assert.ok(![...this.#out.values()].some(({ key }) => key === row.key), 'its key is busy');
      // One that was dead had lost its place already.
      if (!row.redriven) assert.ok(!others.some(({ key }) => key === row.key), 'an older one of its key waits');
    } else if (row.fresh && !row.back) {
      const before = others.filter((other) => other.fresh && !other.back && !this.#ordersBy(other));
      assert.deepEqual(before, [], 'an older one waits');
    }
    if (this.#bounds.limit > 1_000_000 && this.#bounds.left === 0) {
      const before = others.find((other) => this.#couldGo(other));
      assert.equal(before, undefined, 'an older one could go');
    }
    this.#lease(row, delivery);
  }

  /** With everything in memory, there is something while anything could go. */
  #nothing(): void {
    if (this.#bounds.limit > 1_000_000 && this.#bounds.left === 0)
      assert.deepEqual(
        this.#waiting().filter((row) => this.#couldGo(row)),
        [],
      );
  }

  #couldGo(row: Row): boolean {
    if (row.notBefore > this.#now) return false;
    if (!this.#ordersBy(row)) return true;
    const out = [...this.#out.values()].some(({ key }) => key === row.key);
    return !out && !this.#waiting().some(({ id, key }) => key === row.key && id < row.id);
  }

  #ordersBy(row: Row): boolean {
    return this.#bounds.ordered && row.key !== undefined;
  }

  #waiting(): Row[] {
    return [...this.#rows.values()].filter(({ state, told }) => state === 'ready' && told);
  }

  #end(op: (typeof ends)[number], pick: number, delay: number): void {
    this.#justRead = undefined;
    if (op === 'cancel' || op === 'bury') {
      const row = pickOf(this.#waiting(), pick);
      if (row === undefined) return;
      if (op === 'bury') row.state = 'dead';
      else this.#rows.delete(row.id);
      this.#queue.remove(row.id);
    } else if (op === 'redrive') {
      const row = pickOf(
        [...this.#rows.values()].filter(({ state }) => state === 'dead'),
        pick,
      );
      if (row === undefined) return;
      Object.assign(row, { state: 'ready', fresh: true, back: true, notBefore: 0, base: row.attempt, redriven: true });
      this.#queue.back(deliveryOf(row));
    } else {
      const delivery = pickOf([...this.#out.values()], pick);
      if (delivery === undefined) return;
      this.#out.delete(delivery.id);
      this.#finish(op, delivery, delay);
    }
  }

  #finish(op: 'back' | 'done' | 'die', delivery: Delivery, delay: number): void {
    const row = this.#rows.get(delivery.id) ?? assert.fail();
    if (op === 'back') {
      const notBefore = delay === 0 ? 0 : this.#now + delay;
      Object.assign(row, { state: 'ready', back: true, notBefore });
      delivery.notBefore = notBefore;
      this.#queue.back(delivery);
      return;
    }
    if (op === 'done') this.#rows.delete(row.id);
    else row.state = 'dead';
    if (row.key !== undefined) this.#queue.free(row.key);
  }

  #expire(): void {
    const expired = this.#queue.expired(this.#now, 3);
    for (const { id } of expired) {
      const row = this.#rows.get(id) ?? assert.fail();
      assert.ok(row.state === 'ready' && row.expires <= this.#now);
      this.#rows.delete(id);
    }
  }

  #look(): void {
    const waiting = this.#waiting();
    assert.equal(this.#queue.size, waiting.length, 'how many wait');
    const begun = waiting.filter(({ back }) => back).length;
    assert.ok(this.#queue.resident <= this.#bounds.heads + begun, 'most in memory');
    // Those that were begun always stay, and so does what is known of a key; one more than fits may go of the
    // fresh, and one of the begun.
    const keys = 7 * 300;
    // One that is redriven may push another one out of the turn that it was kept for.
    const more = 2 + waiting.filter(({ redriven }) => redriven).length;
    const most = this.#bounds.limit + begun * 400 + keys + more * 2_200;
    assert.ok(this.#budget.used <= most, `${this.#budget.used} of ${most} bytes`);
  }
}

function pickOf<T>(list: readonly T[], pick: number): T | undefined {
  return list[pick % Math.max(1, list.length)];
}

function deliveryOf({ id, key, size, expires, notBefore, attempt, base }: Row): Delivery {
  return newDelivery(id, { key, size, expires, notBefore, attempt, base });
}

function answer(all: readonly Row[], query: ReadyQuery): { rows: readonly Delivery[]; more: boolean } {
  if (query.want === 'ids') {
    const rows = all.filter(({ id, state }) => query.ids.includes(id) && state !== 'dead');
    return { rows: rows.map(deliveryOf), more: false };
  }
  const { after, limit, bytes } = query;
  const found = all.filter(
    ({ id, state, fresh, key }) =>
      state === 'ready' && fresh && id > after && (query.want === 'ready' || key === query.key),
  );
  let left = bytes;
  const rows = found.slice(0, limit).filter((row, index) => {
    left -= row.size;
    return index === 0 || left > 0;
  });
  return { rows: rows.map(deliveryOf), more: found.length > rows.length };
}

const bounds: fc.Arbitrary<Bounds> = fc.record({
  heads: fc.constantFrom(1, 2, 4, 40, 100),
  limit: fc.constantFrom(0, 3_000, 20_000, 10_000_000),
  ordered: fc.boolean(),
  left: fc.constantFrom(0, 0, 5, 30),
});

describe('the queue of a durable pool, at random', () => {
  it('gives every delivery its turn, in order, within its memory, whenever the store answers', () => {
    fc.assert(
      fc.property(bounds, fc.array(step, { maxLength: 150, size: 'max' }), (bound, steps) => {
        const play = new Play(bound.limit > 1_000_000 ? { ...bound, heads: 1_000 } : bound);
        for (const next of steps) play.act(next);
        play.drain();
      }),
      { numRuns },
    );
  });
});
