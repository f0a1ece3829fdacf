import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { QueueQuery, QueueRows } from '../../src/core/delivery-state.ts';
import type { Change } from '../../src/core/durable-state.ts';
import { MemoryBudget } from '../../src/core/memory/memory.ts';
import type { ChangeList } from '../../src/store/change-list.ts';
import { costOf } from '../../src/store/cost.ts';
import { StoreError } from '../../src/store/error.ts';
import { type BatchReport, type BatchWriter, defaultLimits, Journal } from '../../src/store/journal.ts';
import { anyChange } from './change-arbitrary.ts';
import { anyStep } from './delivery-arbitrary.ts';
import { accept, conversation, putMember } from './samples.ts';

/** A writer whose commits end when the test says so. */
class HeldWriter implements BatchWriter {
  readonly file = 'held.db';
  readonly restarts = 0;
  down: StoreError | undefined;
  readonly posted: { changes: readonly Change[]; resolve(report: BatchReport): void; reject(error: Error): void }[] =
    [];

  write(written: ChangeList): Promise<BatchReport> {
    const changes = written.list();
    return new Promise((resolve, reject) => void this.posted.push({ changes, resolve, reject }));
  }

  load(): Promise<never> {
    return Promise.reject(new Error('not asked for here'));
  }

  readonly asked: QueueQuery[] = [];

  read(query: QueueQuery): Promise<QueueRows> {
    this.asked.push(query);
    return Promise.resolve({ rows: [], more: false });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const fine: BatchReport = { refused: new Map() };
const failure = (kind: 'full' | 'refused' | 'writer-died'): StoreError =>
  new StoreError(kind, 'held.db', 'planted.', '');

describe('journal', () => {
  it('has one batch outstanding and gathers the next meanwhile', async () => {
    const writer = new HeldWriter();
    const journal = new Journal(writer);
    journal.commit(conversation('a@h', 1));
    await turn();
    journal.commit(conversation('b@h', 1));
    await turn();
    journal.commit(conversation('c@h', 1));
    await turn();
    assert.deepEqual(
      writer.posted.map(({ changes }) => changes.length),
      [1],
    );
    writer.posted[0]?.resolve(fine);
    await turn();
    assert.deepEqual(
      writer.posted.map(({ changes }) => changes.length),
      [1, 2],
    );
  });

  it('refuses changes beyond the bound at once, and takes them again when there is room', async () => {
    const writer = new HeldWriter();
    const journal = new Journal(writer, { ...defaultLimits, pending: 2 });
    const results: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      journal.commit(conversation(`${name}@h`, 1), (error) => {
        results.push(`${name} ${error instanceof StoreError ? error.kind : 'stored'}`);
      });
    }
    assert.deepEqual(results, []);
    await turn();
    assert.deepEqual(results, ['c overflow']);
    writer.posted[0]?.resolve(fine);
    await turn();
    journal.commit(conversation('d@h', 1));
    assert.equal(journal.stats.pending, 1);
    assert.equal(journal.stats.failed, 1);
  });

  it('bounds changes to one key too: each has somebody who waits for it', async () => {
    const writer = new HeldWriter();
    const journal = new Journal(writer, { ...defaultLimits, pending: 3 });
    const results: string[] = [];
    for (const at of [1, 2, 3, 4]) {
      journal.commit(conversation('a@h', at), (error) => {
        results.push(`${at} ${error instanceof StoreError ? error.kind : 'stored'}`);
      });
    }
    await turn();
    assert.deepEqual(results, ['4 overflow']);
    assert.equal(journal.stats.pending, 3);
    writer.posted[0]?.resolve(fine);
    await turn();
    assert.deepEqual(results, ['4 overflow', '1 stored', '2 stored', '3 stored']);
    assert.equal(journal.stats.pending, 0);
  });

  it('refuses changes beyond the bytes that may wait, and takes them again when there is room', async () => {
    const writer = new HeldWriter();
    const long = `${'a'.repeat(1_023)}@h/${'b'.repeat(1_023)}`;
    const memory = new MemoryBudget(3 * costOf(conversation(long, 1)));
    const journal = new Journal(writer, defaultLimits, memory);
    const results: string[] = [];
    const commit = (name: string, change: Change): void =>
      journal.commit(change, (error) => {
        results.push(`${name} ${error instanceof StoreError ? `${error.kind}: ${error.problem}` : 'stored'}`);
      });
    for (const name of ['a', 'b', 'c', 'd']) commit(name, conversation(long, 1, `job${name}`));
    await turn();
    assert.equal(results.length, 1);
    assert.match(results[0] ?? '', /^d overflow: 3 changes of \d+ KiB wait for the disk/);
    assert.deepEqual([journal.stats.pending, journal.stats.failed], [3, 1]);
    writer.posted[0]?.resolve(fine);
    await turn();
    assert.deepEqual(results.slice(1), ['a stored', 'b stored', 'c stored']);
    assert.equal(memory.used, 0);
    commit('e', conversation(long, 1));
    assert.equal(journal.stats.pending, 1);
    memory.resize(0);
    commit('f', conversation('a@h', 1));
    await turn();
    assert.match(results[4] ?? '', /^f overflow/);
    writer.posted[1]?.reject(failure('full'));
    await turn();
    assert.equal(memory.used, 0, 'a batch that was lost holds nothing');
  });

  it('leaves room for the steps of deliveries where new ones find none', async () => {
    for (const [limits, memory] of [
      [{ ...defaultLimits, pending: 8 }, new MemoryBudget(1_000_000)],
      [defaultLimits, new MemoryBudget(8 * costOf(accept(1)))],
    ] as const) {
      const journal = new Journal(new HeldWriter(), limits, memory);
      const refused: string[] = [];
      for (let id = 1; id <= 8; id += 1) journal.commit(accept(id), () => refused.push(`accept ${id}`));
      journal.commit({ op: 'ack', pool: 'jobs', id: 1 }, () => refused.push('ack'));
      await turn();
      assert.deepEqual(refused, ['accept 7', 'accept 8']);
      assert.equal(journal.stats.pending, 7);
    }
  });

  it('reads once what was committed before is reported', async () => {
    const writer = new HeldWriter();
    const journal = new Journal(writer);
    journal.commit(accept(1));
    const query = { want: 'ids', pool: 'jobs', ids: [1] } as const;
    const reading = journal.read(query);
    await turn();
    assert.deepEqual(writer.asked, []);
    writer.posted[0]?.resolve(fine);
    assert.deepEqual(await reading, { rows: [], more: false });
    assert.deepEqual(writer.asked, [query]);
  });

  it('posts more steps of deliveries at once than other changes', async () => {
    const writer = new HeldWriter();
    const journal = new Journal(writer, { ...defaultLimits, batchRows: 2, batchSteps: 5 });
    for (let id = 1; id <= 4; id += 1) journal.commit(accept(id));
    for (const name of ['a', 'b', 'c']) journal.commit(conversation(`${name}@h`, 1));
    for (let id = 5; id <= 6; id += 1) journal.commit(accept(id));
    for (let posted = 1; posted <= 3; posted += 1) {
      await turn();
      writer.posted.at(-1)?.resolve(fine);
    }
    assert.deepEqual(
      writer.posted.map(({ changes }) => changes.length),
      [5, 2, 2],
    );
  });

  it('counts every letter of a step of a delivery at least twice, and its record besides', () => {
    fc.assert(
      fc.property(anyStep, (step) => {
        const theirs = Object.entries(step).filter(([name]) => !['op', 'state', 'type'].includes(name));
        const texts = theirs.map(([, value]) => (typeof value === 'string' ? value : ''));
        assert.ok(costOf(step) >= 2 * texts.join('').length + 400, step.op);
      }),
    );
  });

  it('holds no bytes for changes to one key, or that the database refuses, once they are reported', async () => {
    const writer = new HeldWriter();
    const memory = new MemoryBudget(1_000_000);
    const journal = new Journal(writer, defaultLimits, memory);
    for (const at of [1, 2, 3]) journal.commit(conversation('a@h', at));
    journal.commit(putMember('b'));
    assert.equal(memory.used, 3 * costOf(conversation('a@h', 1)) + costOf(putMember('b')));
    await turn();
    writer.posted[0]?.resolve({ refused: new Map([[1, failure('refused')]]) });
    await turn();
    assert.equal(memory.used, 0);
  });

  it('counts every letter of a change at least twice, and its record besides', () => {
    fc.assert(
      fc.property(anyChange, (change) => {
        const ours = ['op', 'algorithm', 'replaced', 'show', 'held'];
        const theirs = Object.entries(change).filter(([name]) => !ours.includes(name));
        const texts = theirs.map(([, value]) => (typeof value === 'string' ? value : ''));
        assert.ok(costOf(change) >= 2 * texts.join('').length + 700, change.op);
      }),
    );
  });

  it('writes the last of several changes to one key, and reports each', async () => {
    const writer = new HeldWriter();
    const journal = new Journal(writer);
    const done: number[] = [];
    for (const at of [1, 2, 3]) journal.commit(conversation('a@h', at), () => done.push(at));
    await turn();
    assert.deepEqual(writer.posted[0]?.changes, [conversation('a@h', 3)]);
    writer.posted[0]?.resolve(fine);
    await turn();
    assert.deepEqual(done, [1, 2, 3]);
  });

  it('reports a failed batch to each of its changes, is unhealthy, and recovers by the next', async () => {
    const writer = new HeldWriter();
    const journal = new Journal(writer);
    const results: unknown[] = [];
    journal.commit(conversation('a@h', 1), (error) => void results.push(error));
    journal.commit(conversation('b@h', 1), (error) => void results.push(error));
    await turn();
    const full = failure('full');
    writer.posted[0]?.reject(full);
    await turn();
    assert.deepEqual([...results], [full, full]);
    assert.deepEqual(journal.health, { ok: false, reason: full.message });
    journal.commit(conversation('c@h', 1), (error) => void results.push(error));
    await turn();
    writer.posted[1]?.resolve(fine);
    await turn();
    assert.equal(results[2], undefined);
    assert.deepEqual(journal.health, { ok: true });
  });

  it('tries the disk after a failure, and is healthy again without traffic', async () => {
    const writer = new HeldWriter();
    const journal = new Journal(writer, { ...defaultLimits, trial: 1 });
    journal.commit(conversation('a@h', 1));
    for (const failures of [1, 2]) {
      while (writer.posted.length < failures) await turn();
      writer.posted[failures - 1]?.reject(failure('full'));
      await turn();
      assert.equal(journal.health.ok, false);
    }
    while (writer.posted.length < 3) await turn();
    writer.posted[2]?.resolve(fine);
    await journal.flush();
    assert.deepEqual(journal.health, { ok: true });
    assert.deepEqual(
      writer.posted.map(({ changes }) => changes.length),
      [1, 0, 0],
    );
  });

  it('reports only the change that the database refused', async () => {
    const writer = new HeldWriter();
    const journal = new Journal(writer);
    const results: unknown[] = [];
    for (const name of ['a', 'b', 'c'])
      journal.commit(conversation(`${name}@h`, 1), (error) => void results.push(error));
    await turn();
    const refused = failure('refused');
    writer.posted[0]?.resolve({ refused: new Map([[1, refused]]) });
    await turn();
    assert.deepEqual(results, [undefined, refused, undefined]);
    assert.equal(journal.stats.rows, 2);
  });

  it('fails what is pending and what comes while the writer is down', async () => {
    const writer = new HeldWriter();
    const journal = new Journal(writer);
    const results: unknown[] = [];
    journal.commit(conversation('a@h', 1), (error) => void results.push(error));
    await turn();
    journal.commit(conversation('b@h', 1), (error) => void results.push(error));
    const died = failure('writer-died');
    writer.down = died;
    writer.posted[0]?.reject(died);
    await turn();
    journal.commit(conversation('c@h', 1), (error) => void results.push(error));
    await journal.flush();
    await turn();
    assert.deepEqual(results, [died, died, died]);
    assert.equal(writer.posted.length, 1);
    assert.equal(journal.stats.pending, 0);
  });

  it('is unhealthy while a commit hangs', async () => {
    const writer = new HeldWriter();
    const journal = new Journal(writer, { ...defaultLimits, stall: -1 });
    assert.deepEqual(journal.health, { ok: true });
    journal.commit(conversation('a@h', 1));
    await turn();
    assert.equal(journal.health.ok, false);
    writer.posted[0]?.resolve(fine);
    await turn();
    assert.deepEqual(journal.health, { ok: true });
  });
});
