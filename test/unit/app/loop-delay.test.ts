import { deepEqual } from 'node:assert/strict';
import { LoopDelay } from '../../../src/app/loop-delay.ts';

describe('loop delay', () => {
  it('is how much later than its interval a beat comes, and never less than nothing', () => {
    const times = [1_000, 1_100, 1_350, 1_440];
    const late: number[] = [];
    const delay = new LoopDelay(
      100,
      (milliseconds) => late.push(milliseconds),
      () => times.shift() ?? 0,
    );
    for (let beat = 0; beat < 4; beat += 1) delay.beat();
    deepEqual(late, [0, 150, 0]);
  });
});
