import { deepEqual, equal } from 'node:assert/strict';
import { SteadyClock } from '../../../src/app/clock.ts';

/** A clock on the wall that can be set, beside one that cannot. */
function clocks(): {
  readonly clock: SteadyClock;
  readonly pass: (milliseconds: number) => number;
  readonly set: (milliseconds: number) => void;
} {
  let wall = 1_700_000_000_000;
  let steady = 5;
  const clock = new SteadyClock(
    () => wall,
    () => steady,
  );
  return {
    clock,
    pass(milliseconds) {
      wall += milliseconds;
      steady += milliseconds;
      return clock.now();
    },
    set(milliseconds) {
      wall += milliseconds;
    },
  };
}

describe('the clock of the router', () => {
  it('shows what the system’s shows, and follows it forward', () => {
    const { clock, pass, set } = clocks();
    const start = clock.now();
    equal(pass(250) - start, 250);
    set(3_600_000);
    equal(clock.now() - start, 3_600_250);
  });

  it('goes on at half its speed when the system’s is set back, until that has caught up', () => {
    const { clock, pass, set } = clocks();
    const start = clock.now();
    set(-1_000);
    equal(clock.now(), start);
    deepEqual([pass(100) - start, pass(100) - start, pass(1_000) - start], [50, 100, 600]);
    equal(pass(800) - start, 1_000, 'it has caught up');
    equal(pass(10) - start, 1_010);
  });

  it('never goes back, and shows whole milliseconds', () => {
    const { clock, pass, set } = clocks();
    let last = clock.now();
    for (let step = 0; step < 200; step += 1) {
      if (step % 20 === 0) set(step % 40 === 0 ? -700 : 300);
      const next = pass(step % 3);
      equal(next >= last && Number.isInteger(next), true);
      last = next;
    }
  });
});
