import { equal } from 'node:assert/strict';
import { SteadyClock } from '../../../src/app/clock.ts';
import { DatabaseClock } from '../../../src/app/standby/database-clock.ts';

const hour = 3_600_000;

describe('the clock of a database', () => {
  it('is that of the quickest of the last answers, whatever the machine says', () => {
    let steady = 500;
    const clock = new DatabaseClock(() => steady);
    const database = (at: number): number => Date.now() + hour + at;
    clock.note(database(510), 500, 900);
    const rough = clock.now();
    clock.note(database(1_005), 1_000, 1_010);
    steady = 2_000;
    equal(Math.round((clock.now() - rough) / hour), 0);
    equal(Math.abs(clock.now() - database(2_000)) < 50, true);
    // A slow answer tells less.
    clock.note(database(5_000), 2_000, 9_000);
    equal(Math.abs(clock.now() - database(2_000)) < 50, true);
  });

  it('never runs backwards for a router', () => {
    let steady = 0;
    const clock = new DatabaseClock(() => steady);
    const router = new SteadyClock(
      () => clock.now(),
      () => steady,
    );
    clock.note(1_000_000, 0, 100);
    const first = router.now();
    clock.note(990_000, 0, 2);
    steady = 10;
    equal(router.now() > first, true);
  });
});
