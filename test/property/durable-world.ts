import assert from 'node:assert/strict';
import type { Change } from '../../src/core/durable-state.ts';
import type { PoolSettings } from '../../src/core/settings.ts';
import { ChangeList } from '../../src/store/change-list.ts';
import { DurableHouse } from '../router/durable-house.ts';
import { jobs, message, presence, response } from '../router/house.ts';

/** What a worker was given and may acknowledge. */
interface Task {
  readonly worker: string;
  readonly sender: string;
  readonly id: string;
}

/** A message that the store has accepted, and how it ended. */
interface Accepted {
  readonly name: string;
  ends: string[];
}

/**
 * Senders, workers and a router whose store answers when it is told to, fails, and outlives the
 * router. Holds every step against what must always be true.
 */
export class DurableWorld {
  readonly #pool: PoolSettings;
  #house: DurableHouse;
  #sent = 0;
  #attached = false;
  #crashes = 0;
  readonly #present = new Set<string>();
  readonly #accepted = new Map<number, Accepted>();
  readonly #tasks: Task[] = [];
  readonly #receipts = new Set<string>();
  /** Of each message: what its sender was told. */
  readonly #told = new Map<string, string[]>();

  constructor(pool: PoolSettings) {
    this.#pool = pool;
    this.#house = new DurableHouse(pool);
  }

  get attached(): boolean {
    return this.#attached;
  }

  attach(up: boolean): void {
    if (this.#attached === up) return;
    this.#attached = up;
    if (up) this.#house.router.linkUp(this.#house.now);
    else this.#house.router.linkDown();
    this.#look();
  }

  send(sender: string, wantsReceipt: boolean): void {
    this.#sent += 1;
    this.#house.on(
      message({
        id: `m${this.#sent}`,
        from: sender,
        tail: `<body>${this.#sent}</body>`,
        ...(wantsReceipt ? { wantsReceipt } : {}),
      }),
    );
    this.#look();
  }

  join(worker: string): void {
    this.#present.add(worker);
    if (this.#attached) this.#house.on(presence(worker));
    this.#look();
  }

  leave(worker: string): void {
    this.#present.delete(worker);
    if (this.#attached) this.#house.on(presence(worker, { type: 'unavailable' }));
    this.#look();
  }

  /** A worker sends a receipt for one of the last that it was given, perhaps again, perhaps late. */
  acknowledge(nth: number): void {
    const task = this.#tasks.at(-1 - nth);
    if (task === undefined || !this.#attached) return;
    this.#receipts.add(task.id);
    this.#house.receipt(task.worker, task.id, { to: `${jobs}/${task.sender}` });
    this.#look();
  }

  /** The worker's server sends one of the last back. */
  bounce(nth: number): void {
    const task = this.#tasks.at(-1 - nth);
    if (task === undefined || !this.#attached) return;
    const error = { condition: 'recipient-unavailable', type: 'wait' } as const;
    const { worker: from, id } = task;
    this.#house.on(message({ type: 'error', typeAttr: 'error', from, to: `${jobs}/${task.sender}`, id, error }));
    this.#look();
  }

  failing(fails: boolean): void {
    this.#house.mood = fails ? 'failing' : 'well';
  }

  /** The store answers what it was asked first, at most `count` times. */
  async answer(count: number): Promise<void> {
    for (let left = count; left > 0 && this.#house.out.asked.length > 0; left -= 1) await this.#answerOne(true);
  }

  async wait(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0; left -= 100) {
      this.#house.pass(Math.min(100, left));
      this.#look();
      await this.answer(1_000);
    }
  }

  /** Time passes, and the store answers nothing. */
  stall(milliseconds: number): void {
    for (let left = milliseconds; left > 0; left -= 100) {
      this.#house.pass(Math.min(100, left));
      this.#look();
    }
  }

  /** The router dies; of what it asked the store took the first `written` changes, and nobody heard of it. */
  async crash(written: number): Promise<void> {
    this.#crashes += 1;
    for (let left = written; left > 0 && this.#house.out.asked.length > 0; left -= 1) await this.#answerOne(false);
    this.#house = await this.#house.restarted(this.#pool);
    if (!this.#attached) return;
    this.#house.router.linkUp(this.#house.now);
    this.#look();
  }

  async #answerOne(reports: boolean): Promise<void> {
    const { out, store, mood } = this.#house;
    const asked = out.asked.shift();
    if (asked === undefined) return;
    if ('query' in asked) {
      const rows = mood === 'failing' ? undefined : await store.read(asked.query);
      if (reports) asked.done(rows, rows === undefined ? new Error('planted') : undefined);
    } else if (mood === 'failing') {
      if (reports) asked.done?.(new Error('planted'));
    } else {
      const { refused } = await store.write(new ChangeList([asked.change]));
      const error = refused.get(0);
      if (error === undefined) this.#note(asked.change);
      if (reports) asked.done?.(error);
    }
    this.#look();
    await this.#assertStored();
  }

  #note(change: Change): void {
    if (change.op === 'accept') this.#accepted.set(change.id, { name: change.message ?? '', ends: [] });
    if (change.op === 'ack' || change.op === 'bury' || change.op === 'bounce') {
      this.#accepted.get(change.id)?.ends.push(change.op);
    }
  }

  /** Deliveries that were written and not yet held against the store. */
  #written: { readonly to: string; readonly name: string; readonly attempt: number }[] = [];

  #look(): void {
    for (const written of this.#house.out.take()) {
      if (written.call === 'ping' && this.#present.has(written.to)) {
        this.#house.on(response(written.to, written.id, { to: written.from }));
      }
      if (written.call === 'deliver') {
        const { id = '', from } = written.message;
        this.#tasks.push({ worker: written.to, sender: from, id });
        this.#written.push({ to: written.to, name: id, attempt: written.assurance.attempt });
      }
      if (written.call === 'receipt' || written.call === 'give-back') this.#tell(written.message.id, written.call);
      if (written.call === 'bounce' && 'id' in written.stanza) this.#tell(written.stanza.id, written.code);
    }
  }

  #tell(name: string | undefined, what: string): void {
    const told = this.#told.get(name ?? '') ?? [];
    this.#told.set(name ?? '', [...told, what]);
  }

  /** Nothing is sent before it is on disk that this worker has it, by this attempt. */
  async #assertStored(): Promise<void> {
    const written = this.#written.splice(0);
    if (written.length === 0) return;
    const states = ['ready', 'leased', 'dead'] as const;
    const { rows } = await this.#house.store.read({ want: 'list', pool: 'jobs', states, after: 0, limit: 1_000 });
    for (const { to, name, attempt } of written) {
      const row = rows.find((one) => one.message === name);
      const holder = row?.worker?.split('\n').find((worker) => worker === to);
      assert.deepEqual([row?.state, row?.attempt, holder], ['leased', attempt, to], `${name} to ${to}`);
    }
  }

  /** All is well at last: one worker comes that does all its work. Then every message has had its one end. */
  async conclude(): Promise<void> {
    this.failing(false);
    this.attach(true);
    for (const worker of [...this.#present].slice(1)) this.leave(worker);
    this.join('zed@work.example/z');
    let seen = this.#tasks.length;
    for (let quiet = 0, round = 0; quiet < 3 && round < 100; round += 1) {
      await this.wait(5_000);
      const { length } = this.#tasks;
      for (; seen < length; seen += 1) this.acknowledge(length - 1 - seen);
      await this.wait(1_000);
      const [queue] = (await this.#house.store.load()).queues;
      quiet = (queue?.open ?? 0) === 0 ? quiet + 1 : 0;
    }
    // Who had a copy and is silent counts as having it until its time is over.
    await this.wait(35_000);
    await this.#assertOver();
  }

  async #assertOver(): Promise<void> {
    const [stored] = (await this.#house.store.load()).queues;
    const queue = this.#house.router.deliveries.queues.get('jobs');
    assert.equal(stored?.open ?? 0, 0, 'something never came to an end');
    assert.equal(stored?.tally.accepted ?? 0, this.#accepted.size);
    // The highest id is asked for at the start alone.
    const expected = { ...stored?.tally, last: queue?.tally.last };
    if (stored !== undefined) assert.deepEqual(queue?.tally, expected, 'the router counts otherwise than the store');
    assert.deepEqual([queue?.quota.messages, queue?.quota.bytes, queue?.leased, queue?.ready.size], [0, 0, 0, 0]);
    assert.deepEqual([queue?.begun.size, queue?.ending.size, queue?.arriving], [0, 0, 0]);
    for (const { jid, duty } of queue?.pool.roster ?? []) assert.equal(duty?.held, 0, `${jid} has something`);
    this.#assertEndedOnce();
  }

  #assertEndedOnce(): void {
    const accepted = [...this.#accepted.values()];
    assert.equal(new Set(accepted.map(({ name }) => name)).size, accepted.length, 'a message was accepted twice');
    for (const { name, ends } of accepted) {
      const told = this.#told.get(name) ?? [];
      const how = ends.join();
      // What is not kept is a dead letter until its sender is told.
      assert.match(how, /^(ack|bury|bury,bounce)$/, `${name} ended by ${how}`);
      if (how === 'ack') assert.ok(this.#receipts.has(name), `${name} is done, and no worker said so`);
      const kind = how === 'ack' ? 'receipt' : 'give-back';
      assert.ok(
        told.every((what) => what === kind),
        `${name}, ${how}: ${told.join()}`,
      );
      assert.ok(told.length <= 1 + this.#crashes, `${name}, ${how}: told ${told.length} times`);
      if (how === 'bury,bounce') assert.ok(told.length > 0, `${name} is given up, and its sender does not know`);
    }
  }
}
