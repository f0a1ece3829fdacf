import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { Duplicates, duplicateText } from '../../../src/core/durable/duplicates.ts';
import { MemoryBudget } from '../../../src/core/memory/memory.ts';

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);
const plenty = () => new MemoryBudget(1_000_000);

describe('Duplicates', () => {
  it('knows a message by its pool and key until it is forgotten', () => {
    const duplicates = new Duplicates(plenty());
    duplicates.add('jobs', digest('a'), 1);
    duplicates.add('other', digest('a'), 2);
    duplicates.add('jobs', digest('b'), 3);
    const found = () =>
      ['jobs', 'other', 'none'].map((pool) => ['a', 'b'].map((text) => duplicates.find(pool, digest(text))));
    assert.deepEqual(found(), [
      [1, 3],
      [2, undefined],
      [undefined, undefined],
    ]);
    duplicates.forget('jobs', 1);
    duplicates.forget('jobs', 1);
    duplicates.forget('jobs', 99);
    duplicates.forget('jobs', -1);
    duplicates.forget('none', 3);
    assert.deepEqual(found()[0], [undefined, 3]);
    duplicates.add('jobs', digest('a'), 4);
    assert.equal(duplicates.find('jobs', digest('a')), 4);
  });

  it('forgets what a pool accepted before the window, and nothing of other pools', () => {
    const duplicates = new Duplicates(plenty());
    for (let id = 1; id <= 20; id += 1) duplicates.add(id % 2 === 0 ? 'even' : 'odd', digest(`${id}`), id);
    duplicates.expire('even', 11);
    duplicates.expire('even', 5);
    duplicates.expire('none', 99);
    for (let id = 1; id <= 20; id += 1) {
      const kept = id % 2 === 1 || id >= 11;
      assert.equal(duplicates.find(id % 2 === 0 ? 'even' : 'odd', digest(`${id}`)), kept ? id : undefined);
    }
    duplicates.expire('odd', 11);
    assert.equal(duplicates.size, 10);
  });

  it('takes memory as it grows, and gives it back', () => {
    const memory = plenty();
    const duplicates = new Duplicates(memory);
    const least = memory.used;
    for (let id = 1; id <= 1_000; id += 1) duplicates.add('jobs', digest(`${id}`), id);
    assert.equal(memory.used, 1_024 * 36);
    duplicates.expire('jobs', 1_001);
    assert.equal(memory.used, least);
    assert.equal(duplicates.size, 0);
  });

  it('forgets the oldest when there is no memory, and says so', () => {
    const memory = new MemoryBudget(200 * 36);
    const duplicates = new Duplicates(memory);
    const idAt = (second: number) => (1_000_000 + second) * 1_000 * 2_048;
    assert.deepEqual([duplicates.evicted, duplicates.forgottenUpTo], [0, 0]);
    for (let second = 1; second <= 130; second += 1) duplicates.add('jobs', digest(`${second}`), idAt(second));
    assert.ok(memory.used <= memory.limit);
    assert.equal(duplicates.size, 128);
    assert.equal(duplicates.evicted, 2);
    assert.equal(duplicates.forgottenUpTo, 1_000_002_000);
    assert.equal(duplicates.find('jobs', digest('2')), undefined);
    assert.equal(duplicates.find('jobs', digest('3')), idAt(3));
    assert.equal(duplicates.find('jobs', digest('130')), idAt(130));
  });

  it('makes room of what is over in a short window before it forgets anything of a longer one', () => {
    const duplicates = new Duplicates(new MemoryBudget(64 * 36));
    duplicates.add('long', digest('long'), 1);
    for (let id = 2; id <= 1_000; id += 1) {
      duplicates.add('short', digest(`${id}`), id);
      duplicates.expire('short', id - 10);
    }
    assert.equal(duplicates.find('long', digest('long')), 1);
    assert.equal(duplicates.evicted, 0);
  });

  it('takes no id that does not ascend: it could not be forgotten', () => {
    const duplicates = new Duplicates(plenty());
    duplicates.add('jobs', digest('a'), 5);
    assert.throws(() => duplicates.add('jobs', digest('b'), 5), RangeError);
    duplicates.expire('jobs', 6);
    assert.throws(() => duplicates.add('jobs', digest('b'), 4), RangeError);
  });

  it('tells messages apart by account, origin-id and payload', () => {
    const texts = new Set([
      duplicateText('a@x', 'id', '<b/>'),
      duplicateText('a@x', 'id<b/>', ''),
      duplicateText('a@xid', '', '<b/>'),
    ]);
    assert.equal(texts.size, 3);
  });

  it('equals a map, for any history', () => {
    const digests = Array.from({ length: 61 }, (_, text) => digest(`${text}`));
    const digestOf = (text: number) => digests[text] ?? assert.fail();
    const pools = ['a', 'b', 'c'];
    const pool = fc.constantFrom(...pools);
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ op: fc.constant('add' as const), pool, text: fc.nat({ max: 60 }) }) },
      { weight: 2, arbitrary: fc.record({ op: fc.constant('forget' as const), pool, back: fc.nat({ max: 300 }) }) },
      { weight: 1, arbitrary: fc.record({ op: fc.constant('expire' as const), pool, back: fc.nat({ max: 300 }) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 800, size: 'max' }), (steps) => {
        const duplicates = new Duplicates(plenty());
        const model = new Map<string, number>();
        let newest = 0;
        for (const step of steps) {
          if (step.op === 'add') {
            newest += 1;
            duplicates.add(step.pool, digestOf(step.text), newest);
            model.set(`${step.pool} ${step.text}`, newest);
          }
          for (const [name, id] of model) {
            if (!name.startsWith(step.pool)) continue;
            if (step.op === 'forget' && id === newest - step.back) model.delete(name);
            if (step.op === 'expire' && id < newest - step.back) model.delete(name);
          }
          if (step.op === 'forget') duplicates.forget(step.pool, newest - step.back);
          if (step.op === 'expire') duplicates.expire(step.pool, newest - step.back);
        }
        for (const name of pools) {
          for (let text = 0; text <= 60; text += 1) {
            assert.equal(duplicates.find(name, digestOf(text)), model.get(`${name} ${text}`));
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
