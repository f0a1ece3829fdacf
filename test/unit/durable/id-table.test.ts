import assert from 'node:assert/strict';
import fc from 'fast-check';
import { IdTable } from '../../../src/core/durable/id-table.ts';

interface Thing {
  readonly id: number;
}

/** As they are given: several within a millisecond, and milliseconds apart. */
const anyId = fc.tuple(fc.nat(6), fc.nat(40)).map(([at, n]) => (1_763_000_000_000 + at) * 2_048 + n);

describe('things by id', () => {
  it('are found as in a map', () => {
    const step = fc.record({ op: fc.constantFrom('add', 'delete'), id: anyId });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
        const table = new IdTable<Thing>();
        const model = new Map<number, Thing>();
        for (const { op, id } of steps) {
          const thing = { id };
          if (op === 'add') {
            table.add(thing);
            model.set(id, thing);
          } else {
            table.delete(id);
            model.delete(id);
          }
          assert.equal(table.size, model.size);
          assert.equal(table.get(id), model.get(id));
        }
        for (const { id } of steps) assert.equal(table.get(id), model.get(id));
        assert.deepEqual(new Set(table.values()), new Set(model.values()));
      }),
    );
  });

  it('come and go by the hundred thousand', () => {
    const table = new IdTable<Thing>();
    const first = 1_763_000_000_000 * 2_048;
    for (let n = 0; n < 200_000; n += 1) {
      table.add({ id: first + n });
      if (n >= 50_000) table.delete(first + n - 50_000);
    }
    assert.equal(table.size, 50_000);
    assert.equal(table.get(first + 149_999), undefined);
    assert.deepEqual(table.get(first + 150_000), { id: first + 150_000 });
    for (let n = 150_000; n < 200_000; n += 1) table.delete(first + n);
    assert.deepEqual([table.size, [...table.values()]], [0, []]);
  });
});
