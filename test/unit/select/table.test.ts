import assert from 'node:assert/strict';
import { algorithmNames, algorithmOf, createSelector, urnOf } from '../../../src/core/select/table.ts';
import { newMember } from './new-member.ts';

describe('table of algorithms', () => {
  it('holds the names of XEP-0354 and two of ours', () => {
    assert.deepEqual(algorithmNames().map(urnOf), [
      'urn:xmpp:cmr:all',
      'urn:xmpp:cmr:mostactive',
      'urn:xmpp:cmr:roundrobin',
      'urn:xmpp:cmr:weighted',
      'urn:x-switchyard:algorithm:leastbusy',
      'urn:x-switchyard:algorithm:sticky',
    ]);
  });

  it('knows no other name', () => {
    assert.equal(algorithmOf('urn:xmpp:cmr:forkalways'), undefined);
    assert.equal(algorithmOf('all'), undefined);
  });

  for (const name of algorithmNames()) {
    it(`gives the only worker the message under ${name}`, () => {
      const selector = createSelector(name);
      const member = newMember(1);
      assert.equal(selector.pick(0), undefined);
      selector.add(member);
      assert.equal(selector.pick(0), member);
      assert.equal(algorithmOf(urnOf(name)), name);
      selector.remove(member);
      assert.equal(selector.pick(0), undefined);
    });
  }
});
