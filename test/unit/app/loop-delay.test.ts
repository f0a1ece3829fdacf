import { deepEqual } from 'node:assert/strict';
import { LoopDelay } from '../../../src/app/process/loop-delay.ts';

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

  it('is told without the worst hundredth of the last minute', () => {
    let now = 0;
    const delay = new LoopDelay(
      100,
      () => undefined,
      () => now,
    );
    const beat = (late: number) => {
      now += 100 + late;
      delay.beat();
    };
    deepEqual(delay.percentile99, 0);
    for (let n = 0; n < 10; n += 1) beat(n < 5 ? 900 : 30);
    deepEqual(delay.percentile99, 30);
    for (let n = 0; n < 600; n += 1) beat(2);
    deepEqual(delay.percentile99, 2);
  });
});
