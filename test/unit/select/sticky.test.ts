import assert from 'node:assert/strict';
import { hashText, mix } from '../../../src/core/select/hash.ts';
import { KeyCache } from '../../../src/core/select/key-cache.ts';
import { Sticky } from '../../../src/core/select/sticky.ts';
import { newMember } from './new-member.ts';

const keys = Array.from({ length: 12_000 }, (_, index) => hashText(`sensor${index}@far.example`));

function shares(weights: readonly number[]): number[] {
  const selector = new Sticky(16);
  for (const [index, wishedWeight] of weights.entries()) selector.add(newMember(index + 1, { wishedWeight }));
  const counts = weights.map(() => 0);
  for (const key of keys) {
    const place = (selector.pick(0, undefined, key)?.sequence ?? 0) - 1;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}

/** Whether `count` is within five standard deviations of `share` of all keys. */
function near(count: number, share: number): boolean {
  return Math.abs(count - keys.length * share) < 5 * Math.sqrt(keys.length * share * (1 - share));
}

describe('sticky', () => {
  it('gives each worker its share of the keys', () => {
    for (const count of shares([1, 1, 1, 1])) assert.ok(near(count, 1 / 4), String(count));
    const [big = 0, small = 0, middle = 0] = shares([5, 1, 2]);
    assert.ok(near(big, 5 / 8) && near(small, 1 / 8) && near(middle, 2 / 8), `${big} ${small} ${middle}`);
  });

  it('gives nothing to one that pauses, whatever becomes of its weight', () => {
    const selector = new Sticky(1024);
    const [a, b] = [newMember(1, { wishedWeight: 1 }), newMember(2, { wishedWeight: 1 })];
    for (const member of [a, b]) selector.add(member);
    const owners = () => new Set(keys.slice(0, 50).map((key) => selector.pick(0, undefined, key)));
    selector.pause(a);
    a.wishedWeight = 9;
    selector.update(a);
    assert.deepEqual([...owners()], [b]);
    selector.resume(a);
    assert.equal(owners().size, 2);
    selector.pause(b);
    selector.remove(b);
    selector.resume(b);
    assert.deepEqual([...owners()], [a]);
  });

  it('gives a key the next best when its worker is excluded, and that one when it has left', () => {
    const selector = new Sticky(1024);
    const members = Array.from({ length: 9 }, (_, index) => newMember(index + 1));
    for (const member of members) selector.add(member);
    for (const key of keys.slice(0, 200)) {
      const first = selector.pick(0, undefined, key);
      const second = selector.pick(0, (member) => member === first, key);
      assert.ok(first !== undefined && second !== undefined && second !== first);
      assert.equal(selector.pick(0, undefined, key), first, 'an exclusion is for one message');
      selector.remove(first);
      assert.equal(selector.pick(0, undefined, key), second);
      selector.add(first);
      assert.equal(selector.pick(0, undefined, key), first, 'who comes back has its keys again');
    }
    assert.equal(
      selector.pick(0, () => true, keys[0]),
      undefined,
    );
  });
});

describe('hashes', () => {
  it('spread evenly, also between texts that differ in one character', () => {
    const buckets = Array.from({ length: 16 }, () => 0);
    for (const key of keys) {
      const bucket = Math.floor(mix(key, hashText('w@h/1')) * 16);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    for (const count of buckets) assert.ok(near(count, 1 / 16), String(count));
    assert.equal(new Set(keys).size, keys.length);
  });

  it('lie between 0 and 1 at the edges, and keys are whole numbers', () => {
    for (const a of [0, 1, 2 ** 53 - 1, 2 ** 32]) {
      for (const b of [0, 1, 2 ** 53 - 1]) {
        assert.ok(mix(a, b) > 0 && mix(a, b) < 1);
      }
    }
    for (const text of ['', 'a', '漢'.repeat(1000)]) assert.ok(Number.isSafeInteger(hashText(text)));
    assert.equal(hashText('anna@h/desk', 6), hashText('anna@h'));
  });

  it('of pairs are independent: a worker that wins one key wins the next no likelier', () => {
    const [one, two] = [hashText('w@h/1'), hashText('w@h/2')];
    const both = keys.filter((key) => mix(key, one) > 0.5 && mix(key, two) > 0.5).length;
    assert.ok(near(both, 1 / 4), String(both));
  });
});

describe('a cache of keys', () => {
  it('finds what it holds, and holds no more than its bound', () => {
    const cache = new KeyCache<number>(256);
    for (const [index, key] of keys.slice(0, 100).entries()) cache.set(key, index, index + 0.5);
    const found = keys.slice(0, 100).filter((key, index) => cache.get(key) === index);
    assert.ok(found.length > 80, String(found.length));
    for (const [index, key] of keys.entries()) cache.set(key, index, index + 0.5);
    let held = 0;
    for (const [index, key] of keys.entries()) {
      const value = cache.get(key);
      if (value === undefined) continue;
      assert.equal(value, index);
      assert.equal(cache.stampOf(key), index + 0.5);
      held += 1;
    }
    assert.ok(held <= 256 && held > 200, String(held));
  });

  it('keeps a key that is used while others pass by', () => {
    const cache = new KeyCache<string>(64);
    for (const key of keys) {
      cache.set(7, 'mine', 1);
      cache.get(7);
      cache.set(key, 'other', 2);
      assert.equal(cache.get(7), 'mine');
      assert.equal(cache.stampOf(7), 1);
    }
  });
});
