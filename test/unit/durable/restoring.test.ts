import assert from 'node:assert/strict';
import type { StoredQueue } from '../../../src/core/delivery-state.ts';
import { Duplicates } from '../../../src/core/durable/duplicates.ts';
import { restoreDuplicates } from '../../../src/core/durable/restoring.ts';
import { MemoryBudget } from '../../../src/core/memory/memory.ts';

function queue(pool: string, ids: readonly number[]): StoredQueue {
  const duplicates = ids.map((id) => ({ id, key: keyOf(pool, id) }));
  const tally = { last: Math.max(...ids), accepted: ids.length, acknowledged: ids.length, bounced: 0, purged: 0 };
  return { pool, tally, open: 0, bytes: 0, dead: 0, senders: [], begun: [], duplicates };
}

function keyOf(pool: string, id: number): string {
  return `${pool.charCodeAt(0).toString(16)}${id}`.padStart(32, '0');
}

describe('restoreDuplicates', () => {
  it('takes over those of several pools, whose messages came in turn', () => {
    const duplicates = new Duplicates(new MemoryBudget(1_000_000));
    restoreDuplicates(duplicates, [queue('b', [2, 5, 9]), queue('a', [1, 4, 8]), queue('c', [3])]);
    for (const [pool, id] of [
      ['b', 5],
      ['a', 1],
      ['a', 8],
      ['c', 3],
    ] as const) {
      assert.equal(duplicates.find(pool, keyOf(pool, id)), id);
    }
    assert.equal(duplicates.find('c', keyOf('a', 4)), undefined);
    duplicates.add('a', keyOf('a', 10), 10);
    assert.equal(duplicates.size, 8);
  });
});
