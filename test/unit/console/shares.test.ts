import { deepEqual, equal } from 'node:assert/strict';
import { sharesOf } from '../../../console/src/state/shares.ts';
import { workerOf } from './workers.ts';

const workers = [
  workerOf('a', { delivered: 10, weight: 1 }),
  workerOf('b', { delivered: 60, weight: 3 }),
  workerOf('c', { delivered: 10, weight: 1 }),
];
const none = new Map<string, number>();

describe('shares', () => {
  it('say who got what, the most first', () => {
    const { total, first, most, least } = sharesOf(workers, 'weighted', none, 10);
    deepEqual([total, most, least], [80, 60, 10]);
    deepEqual(
      first.map(({ label, delivered, expected }) => [label, delivered, expected]),
      [
        ['b', 60, 48],
        ['a', 10, 16],
        ['c', 10, 16],
      ],
    );
  });

  it('expect the same of all under roundrobin, and nothing where neither turns nor weights count', () => {
    equal(sharesOf(workers, 'roundrobin', none, 10).first[0]?.expected, 80 / 3);
    equal(sharesOf(workers, 'mostactive', none, 10).first[0]?.expected, undefined);
  });

  it('count from a moment on; one that joined again, or later, counts whole', () => {
    const since = new Map([
      ['a@example/r', 4],
      ['b@example/r', 100],
    ]);
    const { first, total } = sharesOf(workers, 'all', since, 10);
    deepEqual([total, first.map(({ label, delivered }) => `${label}${delivered}`)], [76, ['b60', 'c10', 'a6']]);
  });

  it('take the others together', () => {
    deepEqual(sharesOf(workers, 'all', none, 1).others, { workers: 2, delivered: 20 });
    deepEqual(sharesOf([], 'weighted', none, 1), {
      total: 0,
      first: [],
      others: { workers: 0, delivered: 0 },
      most: 0,
      least: 0,
    });
  });
});
