import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Hold } from '../../../src/core/durable/delivery.ts';
import { Held, nowhere } from '../../../src/core/durable/held.ts';
import { newDelivery } from './new-delivery.ts';

const holdOf = (worker: string, id: number): Hold => ({
  worker,
  member: undefined,
  level: 'receipt',
  state: 'has',
  delivery: newDelivery(id),
  place: nowhere,
});

describe('what each worker has', () => {
  it('is what was given to it and not taken back, in whatever order', () => {
    const step = fc.record({ worker: fc.constantFrom('a@x/r', 'b@x/r'), give: fc.boolean(), which: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const held = new Held();
        const model: Hold[] = [];
        for (const [id, { worker, give, which }] of steps.entries()) {
          if (give) {
            const hold = holdOf(worker, id + 1);
            held.add(hold);
            model.push(hold);
          } else if (model.length > 0) {
            const [gone] = model.splice(which % model.length, 1);
            if (gone === undefined) continue;
            held.remove(gone);
            held.remove(gone);
          }
          for (const name of ['a@x/r', 'b@x/r']) {
            const wanted = model.filter((hold) => hold.worker === name).map(({ delivery }) => delivery.id);
            const found = held.by(name).map(({ id: number }) => number);
            assert.deepEqual(
              found.toSorted((a, b) => a - b),
              wanted.toSorted((a, b) => a - b),
            );
          }
        }
      }),
    );
  });
});
