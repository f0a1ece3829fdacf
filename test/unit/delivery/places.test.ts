import assert from 'node:assert/strict';
import { Places } from '../../../src/core/delivery/places.ts';
import { message } from '../../router/house.ts';
import { newMember } from '../select/new-member.ts';
import { blankConversation as conversation } from './blank-conversation.ts';

const [first, second] = [newMember(1), newMember(2)];

describe('the records of a ring', () => {
  it('are used again, and keep nothing of what they were', () => {
    const places = new Places();
    const used = places.push(conversation, first);
    used.begin(conversation, first, [second], message({ id: 'a' }), 'ours', 1);
    used.fail(first);
    used.advance(first, 'over');
    places.drop();
    for (let n = 1; n < places.capacity; n += 1) places.push(conversation, first);
    const again = places.push(conversation, second);
    again.begin(conversation, second, undefined, message({ id: 'b' }), undefined, 2);
    assert.equal(again, used);
    assert.deepEqual([again.id, again.ours, again.original, again.at, again.sentAt], ['b', undefined, undefined, 2, 2]);
    assert.deepEqual([again.failed, again.copies, again.worker, again.open], [[], undefined, second, true]);
    again.advance(second, 'over');
    again.begin(conversation, second, undefined, message({ id: 'c' }), undefined, 3);
    assert.ok(again.open);
  });

  it('are found by their numbers until they are dropped, while their places grow and shrink', () => {
    const places = new Places();
    for (let n = 0; n < 1_000; n += 1) assert.equal(places.push(conversation, first).number, n);
    for (let n = 0; n < 990; n += 1) places.drop();
    assert.deepEqual([places.size, places.oldest?.number], [10, 990]);
    while (places.trim()) assert.equal(places.size, 10);
    assert.ok(places.capacity < 64);
    assert.deepEqual(
      Array.from({ length: 12 }, (_, n) => places.at(989 + n)?.number),
      [undefined, ...Array.from({ length: 10 }, (_, n) => 990 + n), undefined],
    );
    assert.deepEqual(
      [...places].map(({ number }) => number),
      Array.from({ length: 10 }, (_, n) => 990 + n),
    );
  });
});
