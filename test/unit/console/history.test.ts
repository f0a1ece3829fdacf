import { deepEqual, equal } from 'node:assert/strict';
import { type Histories, noHistories, ratesOf, ratesOverTime, remember } from '../../../console/src/state/history.ts';
import { overviewAt, poolOf } from './overviews.ts';

const counts = (received: number, delivered = received, refused = 0) => ({ received, delivered, refused });
const at = (seconds: number, received: number) =>
  overviewAt(seconds, [poolOf('jobs', { counts: counts(received) }), poolOf('mail', { counts: counts(1) })]);

function gather(...overviews: readonly ReturnType<typeof at>[]): Histories {
  return overviews.reduce(remember, noHistories);
}

describe('the history of counts', () => {
  it('gives no rate before there are two samples', () => {
    equal(ratesOf(undefined), undefined);
    equal(ratesOf(gather(at(0, 5)).of.get('jobs')), undefined);
  });

  it('gives rates from the differences of counts, by the clock of the router', () => {
    const { of } = gather(at(0, 100), at(2, 120), at(4, 180));
    deepEqual(ratesOf(of.get('jobs')), { received: 20, delivered: 20, refused: 0 });
    deepEqual(ratesOf(of.get('mail')), { received: 0, delivered: 0, refused: 0 });
    deepEqual(ratesOf(of.get('')), { received: 20, delivered: 20, refused: 0 });
  });

  it('gives the mean of the last ten seconds only', () => {
    const { of } = gather(at(0, 0), at(10, 1_000), at(20, 1_010));
    equal(ratesOf(of.get('jobs'))?.received, 1);
    equal(ratesOf(gather(at(0, 0), at(30, 60)).of.get('jobs'))?.received, 2);
  });

  it('begins anew when the router has', () => {
    const before = gather(at(0, 1_000), at(1, 1_010));
    const after = remember(before, { ...at(3, 5), ...overviewAt(3, [poolOf('jobs', { counts: counts(5) })], 7) });
    equal(after.of.get('jobs')?.length, 1);
    equal(ratesOf(after.of.get('jobs')), undefined);
    const busy = remember(before, overviewAt(3, [poolOf('jobs', { counts: counts(5_000) })], 7));
    equal(ratesOf(busy.of.get('jobs')), undefined);
  });

  it('makes no leap of all pools together where a pool comes or goes', () => {
    const before = gather(at(0, 10), at(1, 20));
    const after = remember(before, overviewAt(2, [poolOf('mail', { counts: counts(2) })]));
    equal(ratesOf(after.of.get('')), undefined);
    equal(ratesOf(after.of.get('mail'))?.received, 0.5);
    equal(after.of.has('jobs'), false);
    const more = remember(before, overviewAt(2, [...at(2, 30).pools, poolOf('new', { counts: counts(9_000) })]));
    equal(ratesOf(more.of.get('')), undefined);
    equal(ratesOf(more.of.get('jobs'))?.received, 10);
  });

  it('keeps five minutes, and one of two samples of the same moment', () => {
    let histories = noHistories;
    for (let second = 0; second <= 400; second += 1) histories = remember(histories, at(second, second));
    const history = histories.of.get('jobs') ?? [];
    equal(history.length, 301);
    const again = remember(histories, at(400.1, 900)).of.get('jobs') ?? [];
    deepEqual([again.length, again.at(-1)?.received], [300, 900]);
  });

  it('gives the rate between each two samples', () => {
    const { of } = gather(at(0, 0), at(1, 5), at(3, 25));
    deepEqual(
      ratesOverTime(of.get('jobs') ?? []).map(({ received }) => received),
      [5, 10],
    );
  });
});
