import assert from 'node:assert/strict';
import { type QueueLook, StallWatch } from '../../../src/core/durable/stall-watch.ts';
import type { Notice } from '../../../src/core/ports.ts';

const start = 1_800_000_000_000;
const stuck: QueueLook = {
  pool: 'jobs',
  reason: 'no-worker',
  text: 'No worker is in the pool.',
  waiting: 3,
  oldestSince: start - 60_000,
  given: 7,
};
const fine: QueueLook = { ...stuck, reason: 'none', text: 'Nothing waits.', waiting: 0, oldestSince: undefined };

/** A watch that looks every second, at what it is told to look at. */
class Rig {
  readonly notices: Notice[] = [];
  now = start;
  readonly #watch = new StallWatch({ notice: (notice) => this.notices.push(notice) });

  /** Looks for so many seconds. Returns what was told meanwhile. */
  look(queue: QueueLook, seconds: number): string[] {
    const before = this.notices.length;
    for (let second = 0; second < seconds; second += 1) {
      this.#watch.look(queue, this.now);
      this.now += 1_000;
    }
    return this.notices.slice(before).map(({ text }) => text);
  }

  keep(...pools: string[]): void {
    this.#watch.keep(new Map(pools.map((pool) => [pool, 0])));
  }
}

describe('a queue that stands', () => {
  it('is told of after ten seconds, every five minutes while it lasts, and when it is over', () => {
    const rig = new Rig();
    assert.deepEqual(rig.look(stuck, 10), []);
    assert.deepEqual(rig.look(stuck, 1), [
      '3 messages wait, the oldest for 70 s, and none has gone out for 10 s. No worker is in the pool.',
    ]);
    assert.deepEqual(rig.look(stuck, 299), []);
    assert.deepEqual(rig.look(stuck, 1), [
      '3 messages wait, the oldest for 6 min, and none has gone out for 5 min. No worker is in the pool.',
    ]);
    assert.deepEqual(rig.look({ ...stuck, given: 8 }, 1), ['Messages go out again, after 5 min.']);
    assert.deepEqual(
      rig.notices.map(({ level, event, pool }) => [level, event, pool]),
      [
        ['warn', 'pool-stalled', 'jobs'],
        ['warn', 'pool-stalled', 'jobs'],
        ['info', 'pool-moving', 'jobs'],
      ],
    );
    assert.deepEqual(rig.notices[0]?.detail, {
      reason: 'no-worker',
      waiting: 3,
      since: new Date(start).toISOString(),
      oldest: new Date(start - 60_000).toISOString(),
    });
  });

  it('is not told of when something went out meanwhile, however long the queue is', () => {
    const rig = new Rig();
    const full = { ...stuck, reason: 'at-capacity' };
    for (let given = 8; given < 40; given += 1) assert.deepEqual(rig.look({ ...full, given }, 9), []);
  });

  it('is not told of when it is over sooner', () => {
    const rig = new Rig();
    assert.deepEqual(rig.look(stuck, 9), []);
    assert.deepEqual(rig.look(fine, 1), []);
    assert.deepEqual(rig.look(stuck, 9), []);
  });

  it('is told of again when there is another reason, but not with each one of many', () => {
    const rig = new Rig();
    rig.look(stuck, 11);
    const other = { ...stuck, reason: 'backing-off', text: 'What waits has failed before.' };
    assert.deepEqual(rig.look(other, 9), []);
    assert.equal(rig.look(other, 1).length, 1);
    assert.deepEqual(rig.look(stuck, 9), []);
    assert.deepEqual(rig.look(other, 9), []);
  });

  it('is over, too, when what waited was cancelled or has expired', () => {
    const rig = new Rig();
    rig.look({ ...stuck, waiting: 1, oldestSince: undefined }, 11);
    assert.match(rig.notices[0]?.text ?? '', /^1 message waits, and none/);
    assert.deepEqual(rig.look(fine, 1), ['Nothing waits any more, after 11 s.']);
  });

  it('is forgotten when its pool is no more', () => {
    const rig = new Rig();
    rig.look(stuck, 11);
    rig.keep('jobs');
    assert.equal(rig.look(stuck, 300).length, 1);
    rig.keep('others');
    assert.deepEqual(rig.look(fine, 1), []);
  });

  it('is told of in hours and days when it lasts', () => {
    const rig = new Rig();
    const old = { ...stuck, oldestSince: start - 200 * 3_600_000 };
    assert.match(rig.look(old, 11)[0] ?? '', /the oldest for 8 days/);
    const older = { ...stuck, oldestSince: start - 3 * 3_600_000 };
    assert.match(rig.look(older, 301)[0] ?? '', /the oldest for 3 h/);
  });
});
