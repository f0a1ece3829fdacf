import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import fc from 'fast-check';
import type { Change } from '../../src/core/durable-state.ts';
import { hold } from '../../src/store/sqlite/connection.ts';
import { type OpenDatabase, openDatabase } from '../../src/store/sqlite/database.ts';
import { prepareRows, type Rows } from '../../src/store/sqlite/rows.ts';
import { writeBatch } from '../../src/store/sqlite/write-batch.ts';
import { accept, leased } from './samples.ts';
import { temporaryDirectory } from './temporary.ts';

/** What nearly all changes are. */
const usual = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('accept', 'ack') },
  { weight: 1, arbitrary: fc.constantFrom('accept-keyed', 'ack-newest') },
);
/** What may go wrong, or needs what came before it. */
const unusual = fc.constantFrom('accept-again', 'accept-acked', 'ack-again', 'ack-elsewhere', 'extend', 'purge');
/** With one of the unusual in every other batch: where a change is stale all is written one by one. */
const batch = fc
  .tuple(fc.array(usual, { minLength: 10, maxLength: 150, size: 'max' }), fc.option(unusual, { freq: 2 }), fc.nat())
  .map(([steps, odd, at]): string[] => {
    const place = at % steps.length;
    return odd === null ? steps : [...steps.slice(0, place), odd, ...steps.slice(place)];
  });
const batches = fc.array(batch, { minLength: 1, maxLength: 4 });

/** A database of its own, and how it writes. */
class Side {
  readonly #open: OpenDatabase;
  readonly #rows: Rows;
  readonly #deliveries;
  readonly #tallies;
  #batch = 0;

  constructor(file: string) {
    this.#open = openDatabase({ file, busyTimeout: 5_000, maxBytes: undefined });
    // Nothing here is to survive a crash, and each change alone would wait for the disk.
    this.#open.connection.exec('pragma synchronous = off');
    this.#rows = prepareRows(this.#open.connection);
    this.#deliveries = hold(this.#open.connection.prepare('select * from delivery order by id'));
    this.#tallies = hold(
      this.#open.connection.prepare('select pool, accepted, acknowledged, purged, last from tally order by pool'),
    );
  }

  get connection(): Database {
    return this.#open.connection;
  }

  /** The places of those that are refused. */
  write(changes: readonly Change[]): number[] {
    this.#batch += 1;
    return [...writeBatch(this.connection, this.#rows, changes, this.#batch).keys()];
  }

  get state(): unknown {
    return { deliveries: this.#deliveries.all(), tallies: this.#tallies.all() };
  }

  clear(): void {
    this.connection.exec('delete from delivery; delete from tally');
  }
}

/** Makes changes of steps, each of which says only what kind it is. */
class Script {
  #last = 1_000;
  #acked = 0;
  readonly #given: { id: number; pool: string }[] = [];

  change(step: string): Change {
    const oldest = this.#given[this.#acked] ?? { id: 7, pool: 'jobs' };
    const newest = this.#given.at(-1) ?? oldest;
    const none = this.#acked >= this.#given.length;
    if (step === 'accept' || step === 'accept-keyed' || (none && step.startsWith('ack'))) {
      this.#last += 1;
      const pool = this.#last % 40 < 3 ? 'other' : 'jobs';
      this.#given.push({ id: this.#last, pool });
      return accept(this.#last, { ...leased, pool, key: step === 'accept-keyed' ? 'k' : undefined });
    }
    if (step === 'ack') {
      this.#acked += 1;
      return { op: 'ack', ...oldest };
    }
    if (step === 'ack-newest') {
      this.#given.pop();
      return { op: 'ack', ...newest };
    }
    if (step === 'accept-again') return accept(newest.id, { ...leased, pool: newest.pool });
    const acked = this.#given[this.#acked - 1] ?? oldest;
    if (step === 'accept-acked') return accept(acked.id, { ...leased, pool: acked.pool });
    if (step === 'ack-again') return { op: 'ack', ...acked };
    if (step === 'ack-elsewhere') return { op: 'ack', id: newest.id, pool: 'elsewhere' };
    if (step === 'extend') return { op: 'extend', ...newest, attempt: 1, deadline: this.#last };
    return { op: 'purge', ...newest };
  }
}

describe('rows of deliveries that are written several at a time', () => {
  it('are gone once they are acknowledged, also when they came in twice', () => {
    const directory = temporaryDirectory();
    const [together, alone] = [new Side(join(directory.path, 'a.db')), new Side(join(directory.path, 'b.db'))];
    const taken = (id: number): Change => accept(id, leased);
    const acked = (id: number): Change => ({ op: 'ack', pool: 'jobs', id });
    // What is acknowledged in another pool is written at once.
    const elsewhere = (id: number): Change => ({ op: 'ack', pool: 'other', id });
    const others = Array.from({ length: 40 }, (_, n) => taken(100 + n));
    const batches: readonly (readonly Change[])[] = [
      [accept(1, { ...leased, pool: 'other' }), accept(2, { ...leased, pool: 'other' }), taken(50)],
      // Twice in one batch, and in one after another.
      [...others, taken(139), acked(139), elsewhere(1)],
      [taken(50), acked(50), elsewhere(2), ...Array.from({ length: 40 }, (_, n) => taken(200 + n))],
      // In one batch, as a worker does that is fast.
      [...Array.from({ length: 40 }, (_, n) => taken(300 + n)), acked(339), acked(338)],
    ];
    try {
      for (const changes of batches) {
        assert.deepEqual(together.write(changes), []);
        for (const change of changes) assert.deepEqual(alone.write([change]), []);
        assert.deepEqual(together.state, alone.state);
      }
    } finally {
      together.connection.close();
      alone.connection.close();
      directory.remove();
    }
  });

  it('are what they would be one by one, and the same are refused', function () {
    this.timeout(60_000);
    const directory = temporaryDirectory();
    const [together, alone] = [new Side(join(directory.path, 'a.db')), new Side(join(directory.path, 'b.db'))];
    try {
      fc.assert(
        fc.property(batches, (all) => {
          together.clear();
          alone.clear();
          const script = new Script();
          for (const steps of all) {
            const changes = steps.map((step) => script.change(step));
            const oneByOne = changes.flatMap((change, row) => (alone.write([change]).length > 0 ? [row] : []));
            assert.deepEqual(together.write(changes), oneByOne);
            assert.deepEqual(together.state, alone.state);
          }
        }),
        { numRuns: 40 },
      );
    } finally {
      together.connection.close();
      alone.connection.close();
      directory.remove();
    }
  });
});
