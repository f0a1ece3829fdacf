import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Deadlines, type Timed, type TimeSlot } from '../../../src/core/durable/deadlines.ts';

class Item implements Timed<Item> {
  readonly name: number;
  slot: TimeSlot<Item> | undefined = undefined;
  slotIndex = 0;

  constructor(name: number) {
    this.name = name;
  }
}

const what = fc.record({
  op: fc.constantFrom('add' as const, 'change' as const, 'remove' as const, 'due' as const),
  who: fc.nat({ max: 9 }),
  time: fc.nat({ max: 1_000 }),
  limit: fc.integer({ min: 1, max: 5 }),
});

describe('deadlines', () => {
  it('are due when a list of them says so, for any history', () => {
    fc.assert(
      fc.property(fc.array(what, { maxLength: 100 }), fc.constantFrom(1, 10, 64), (steps, grain) => {
        const deadlines = new Deadlines<Item>(grain);
        const items = Array.from({ length: 10 }, (_, index) => new Item(index));
        const model = new Map<Item, number>();
        for (const { op, who, time, limit } of steps) {
          const item = items[who] ?? assert.fail();
          const rounded = Math.ceil(time / grain) * grain;
          if (op === 'due') {
            const due = deadlines.due(time, limit);
            const passed = [...model.values()].filter((at) => at <= time).sort((a, b) => a - b);
            const times = due.map((each) => model.get(each));
            assert.deepEqual(times, passed.slice(0, limit));
            for (const each of due) model.delete(each);
          } else if (op === 'remove') {
            deadlines.remove(item);
            model.delete(item);
          } else if (op === 'change' || !model.has(item)) {
            if (op === 'change') deadlines.change(item, time);
            else deadlines.add(item, time);
            model.set(item, rounded);
          }
          assert.equal(deadlines.size, model.size);
          assert.equal(deadlines.nextAt, Math.min(Number.POSITIVE_INFINITY, ...model.values()));
        }
      }),
    );
  });

  it('are never due before their time, and at most one grain late', () => {
    const deadlines = new Deadlines<Item>(100);
    const item = new Item(1);
    deadlines.add(item, 1_001);
    assert.deepEqual(deadlines.due(1_099, 9), []);
    assert.deepEqual(deadlines.due(1_100, 9), [item]);
    assert.deepEqual(deadlines.due(1_100, 9), []);
  });

  it('that are never are not kept', () => {
    const deadlines = new Deadlines<Item>(100);
    deadlines.add(new Item(1), Number.POSITIVE_INFINITY);
    assert.equal(deadlines.size, 0);
    assert.equal(deadlines.nextAt, Number.POSITIVE_INFINITY);
  });
});
