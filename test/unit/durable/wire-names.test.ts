import assert from 'node:assert/strict';
import fc from 'fast-check';
import { WireNames } from '../../../src/core/durable/wire-names.ts';

interface Named {
  readonly sender: string;
  readonly wire: string;
}

const name = fc.record({ sender: fc.constantFrom('a@h/r', 'b@h/r'), wire: fc.constantFrom('1', '2', '3') });

describe('deliveries by sender and id', () => {
  it('are found as in one table of both', () => {
    const step = fc.record({ op: fc.constantFrom('set', 'delete', 'other' as const), name });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const names = new WireNames<Named>();
        const model = new Map<string, Named>();
        const key = ({ sender, wire }: Named): string => `${sender} ${wire}`;
        for (const { op, name: wanted } of steps) {
          const known = model.get(key(wanted));
          if (op === 'set') {
            const fresh = { ...wanted };
            names.set(fresh);
            model.set(key(fresh), fresh);
          } else if (op === 'delete' && known !== undefined) {
            names.delete(known);
            model.delete(key(known));
          } else {
            // Another of the same name takes nothing away.
            names.delete({ ...wanted });
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
});
