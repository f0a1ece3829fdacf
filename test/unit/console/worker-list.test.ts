import { deepEqual } from 'node:assert/strict';
import { rowsInSight } from '../../../console/src/state/window.ts';
import { chooseWorkers, statesOf, type WorkerColumn } from '../../../console/src/state/worker-list.ts';
import { workerOf } from './workers.ts';

const workers = [
  workerOf('b', { inFlight: 3, latency: 20, seen: '2026-11-21T00:00:09.000Z' }),
  workerOf('a', { inFlight: 3, state: 'drained', server: 'north.example' }),
  workerOf('c', { inFlight: 9, latency: 5, heard: '2026-11-21T00:00:01.000Z' }),
];

function labels(by: WorkerColumn, down = false, search = '', state = ''): string {
  return chooseWorkers(workers, { search, state, order: { by, down } })
    .map(({ label }) => label)
    .join('');
}

describe('the list of workers', () => {
  it('is in the order in which they joined, or in that of a column', () => {
    deepEqual([labels('joined'), labels('joined', true)], ['bac', 'cab']);
    deepEqual(
      [labels('worker'), labels('inFlight', true), labels('latency'), labels('seen', true)],
      ['abc', 'cab', 'cba', 'bac'],
    );
  });

  it('has those last that have no value', () => {
    deepEqual([labels('heard'), labels('latency', true)], ['cab', 'bca']);
  });

  it('leaves those of a state, and those with all words of the search', () => {
    deepEqual(
      [labels('joined', false, '', 'drained'), labels('joined', false, 'north'), labels('joined', false, 'C@ex')],
      ['a', 'a', 'c'],
    );
  });

  it('counts states, the most common first', () => {
    deepEqual(statesOf(workers), [
      ['works', 2],
      ['drained', 1],
    ]);
  });
});

describe('the rows in sight', () => {
  it('are few however long the table is', () => {
    const { first, end, above, below } = rowsInSight(5_000, 40, 100_000, 600);
    deepEqual([first, end], [2_490, 2_525]);
    deepEqual([above, below, above + (end - first) * 40 + below], [99_600, 99_000, 200_000]);
  });

  it('stay within the table at its ends, also when it became shorter', () => {
    deepEqual(rowsInSight(3, 40, 0, 600), { first: 0, end: 3, above: 0, below: 0 });
    deepEqual(rowsInSight(0, 40, 9_000, 600), { first: 0, end: 0, above: 0, below: 0 });
    const { first, end, below } = rowsInSight(100, 40, 1e9, 600);
    deepEqual([first, end, below], [90, 100, 0]);
  });
});
