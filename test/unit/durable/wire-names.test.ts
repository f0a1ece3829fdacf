import assert from 'node:assert/strict';
import fc from 'fast-check';
import { WireNames } from '../../../src/core/durable/wire-names.ts';

interface Named {
  readonly sender: string;
  readonly wire: string;
  wireHash: number;
}

const name = fc.record({ sender: fc.constantFrom('a@h/r', 'b@h/r'), wire: fc.constantFrom('1', '2', '3') });
const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('deliveries by sender and id', () => {
  it('are found as in one table of both', () => {
    const step = fc.record({ op: fc.constantFrom('set', 'delete', 'other' as const), name });
    fc.assert(
      fc.property(seed, fc.array(step, { maxLength: 40 }), (number, steps) => {
        const names = new WireNames<Named>(number);
        const model = new Map<string, Named>();
        const key = ({ sender, wire }: Pick<Named, 'sender' | 'wire'>): string => `${sender} ${wire}`;
        for (const { op, name: wanted } of steps) {
          const known = model.get(key(wanted));
          if (op === 'set') {
            const fresh = { ...wanted, wireHash: 0 };
            names.set(fresh);
            model.set(key(fresh), fresh);
          } else if (op === 'delete' && known !== undefined) {
            names.delete(known);
            model.delete(key(known));
          } else {
            // Another of the same name takes nothing away.
            names.delete({ ...wanted, wireHash: known?.wireHash ?? 0 });
          }
          for (const sender of ['a@h/r', 'b@h/r', 'c@h/r']) {
            for (const wire of ['1', '2', '3', '4']) {
              assert.equal(names.get(sender, wire), model.get(key({ sender, wire })));
            }
          }
        }
      }),
    );
  });

  it('are found among thousands that come and go', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 3_000 }), (number, most) => {
        const names = new WireNames<Named>(number);
        const all = Array.from({ length: 3 * most }, (_, index) => ({
          sender: `s${index % 7}@h/r`,
          wire: `message-${index >> 1}`,
          wireHash: 0,
        }));
        all.forEach((one, index) => {
          names.set(one);
          const oldest = all[index - most];
          if (oldest !== undefined) names.delete(oldest);
          // Also while the table grows, and not only when all have come that it grew with.
          if (index % 97 !== 0) return;
          const there = all.slice(Math.max(0, index - most + 1), index + 1);
          assert.ok(there.every((each) => names.get(each.sender, each.wire) === each));
        });
        const found = all.filter(({ sender, wire }) => names.get(sender, wire) !== undefined);
        assert.deepEqual(found, all.slice(-most));
        for (const one of found) assert.equal(names.get(one.sender, one.wire), one);
        for (const one of found) names.delete(one);
        assert.ok(all.every(({ sender, wire }) => names.get(sender, wire) === undefined));
      }),
      { numRuns: 20 },
    );
  });

  it('take no more room when one makes place for another, time and again', () => {
    const names = new WireNames<Named>(1);
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 1_000_000; count += 1) names.set({ sender: 'a@h/r', wire: '1', wireHash: 0 });
    const grown = process.memoryUsage().arrayBuffers - before;
    assert.ok(grown < 1_000_000, `${grown} bytes`);
  });
});
