import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Change } from '../../src/core/durable-state.ts';
import { ChangeList } from '../../src/store/change-list.ts';
import { unpackChanges } from '../../src/store/packed-changes.ts';
import { anyChange } from './change-arbitrary.ts';
import { anyStep } from './delivery-arbitrary.ts';
import { accept } from './samples.ts';

describe('changes packed for the writer thread', () => {
  it('come out as they went in, in their order, whatever the texts hold', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyStep, anyChange), { maxLength: 40 }), (changes) => {
        assert.deepEqual(copied(changes), plain(changes));
      }),
    );
  });

  it('keep halves of a letter apart', () => {
    const change = accept(1, { sender: '\ud83d', to: '\ude00' });
    assert.deepEqual(copied([change]), [change]);
  });
});

/** What the other thread gets. */
function copied(changes: readonly Change[]): Change[] {
  const batch = new ChangeList();
  for (const change of changes) batch.add(change);
  assert.equal(batch.length, changes.length);
  return unpackChanges(structuredClone(batch.pack()));
}

/** fast-check also makes objects without a prototype. */
function plain(changes: readonly Change[]): Change[] {
  return changes.map((change) => ({ ...change }));
}
