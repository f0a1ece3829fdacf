import assert from 'node:assert/strict';
import { marked, passesOn, withTrail } from '../../../src/core/delivery/trail.ts';
import { Conversations } from '../../../src/core/pool/conversation/conversations.ts';
import { message } from '../../router/house.ts';

const conversation = () => new Conversations(1e6).open('jobs', 's@h/r', 'p');

/** Which of `count` messages are marked. */
function marks(one: ReturnType<typeof conversation>, count: number): number[] {
  return Array.from({ length: count }, (_, n) => n).filter(() => withTrail(one, message()).hops?.length === 0);
}

describe('what a pool leaves in messages', () => {
  it('is in the first of a sender, and then in one of every 1 to 128', () => {
    const places = marks(conversation(), 20_000);
    const gaps = places.slice(1).map((place, index) => place - (places[index] ?? 0));
    assert.equal(places[0], 0);
    assert.deepEqual([Math.min(...gaps), Math.max(...gaps)], [1, 128]);
    assert.ok(places.length > 250 && places.length < 400, `${places.length} of 20000`);
  });

  it('falls in step with no message that comes back every so often', () => {
    for (let period = 2; period <= 200; period += 1) {
      const one = conversation();
      marks(one, 1);
      let rounds = 0;
      for (let met = false; !met; rounds += 1) {
        marks(one, period - 1);
        met = marks(one, 1).length > 0;
        assert.ok(rounds < 1000, `never met with a period of ${period}`);
      }
    }
  });

  it('is in all of a sender who has brought one, and in each of several copies', () => {
    const one = conversation();
    marks(one, 2);
    assert.deepEqual(withTrail(one, message({ hops: ['mail@far.example'] })).hops, ['mail@far.example']);
    assert.equal(marks(one, 500).length, 500);
    const other = conversation();
    marks(other, 2);
    passesOn(other);
    assert.equal(marks(other, 500).length, 500);
    assert.deepEqual(marked(message()).hops, []);
    assert.deepEqual(marked(message({ hops: ['x'] })).hops, ['x']);
  });

  it('is nothing that tells of the sender, where the pool itself has marked', () => {
    const one = conversation();
    marks(one, 1);
    withTrail(one, marked(message()));
    assert.ok(marks(one, 3).length < 3);
  });
});
