import assert from 'node:assert/strict';
import fc from 'fast-check';
import { idOfStanzaId, stanzaIdOf } from '../../../src/core/durable/token.ts';

describe('the stanza-id of a delivery', () => {
  it('is its number to the base of 32, and says it again', () => {
    const edges = [0, 1, 31, 32, 32 ** 5 - 1, 32 ** 5, 32 ** 5 + 1, 32 ** 10, Number.MAX_SAFE_INTEGER];
    const number = fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat());
    fc.assert(
      fc.property(number, (id) => {
        assert.equal(stanzaIdOf(id), id.toString(32));
        assert.equal(idOfStanzaId(stanzaIdOf(id)), id);
      }),
    );
  });
});
