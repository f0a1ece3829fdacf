import { deepEqual, equal } from 'node:assert/strict';
import { emptyBook, nextPage, putPage, putReports } from '../../../console/src/state/worker-book.ts';
import { workerOf } from './workers.ts';

const page = (total: number, ...names: readonly string[]) => ({ total, workers: names.map((name) => workerOf(name)) });
const labels = (book: typeof emptyBook) => book.workers.map(({ label }) => label).join('');

describe('the book of workers', () => {
  it('is gathered from pages', () => {
    const first = putPage(emptyBook, 0, page(5, 'a', 'b'));
    deepEqual([labels(first), first.whole], ['ab', false]);
    const second = putPage(first, 2, page(5, 'c', 'd'));
    const third = putPage(second, 4, page(5, 'e'));
    deepEqual([labels(third), third.total, third.whole], ['abcde', 5, true]);
  });

  it('has nobody twice when workers move up because one before them left', () => {
    const book = putPage(putPage(emptyBook, 0, page(4, 'a', 'b')), 2, page(4, 'c', 'd'));
    const after = putPage(book, 0, page(3, 'b', 'c'));
    equal(labels(after), 'bcd');
    equal(labels(putPage(after, 2, page(3, 'd'))), 'bcd');
  });

  it('drops those beyond the total', () => {
    const book = putPage(emptyBook, 0, page(3, 'a', 'b', 'c'));
    equal(labels(putPage(book, 0, page(1, 'a'))), 'a');
    equal(labels(putPage(book, 0, page(0))), '');
  });

  it('takes newer reports of single workers in', () => {
    const book = putPage(emptyBook, 0, page(2, 'a', 'b'));
    const after = putReports(book, [workerOf('b', { state: 'drained' }), workerOf('stranger')]);
    deepEqual(
      after.workers.map(({ label, state }) => `${label} ${state}`),
      ['a works', 'b drained'],
    );
  });

  it('goes from page to page, and from the last to the first', () => {
    deepEqual(
      [nextPage(0, 1_000, 2_500), nextPage(1_000, 1_000, 2_500), nextPage(2_000, 1_000, 2_500)],
      [1_000, 2_000, 0],
    );
    equal(nextPage(1_000, 1_000, 2_000), 0);
  });
});
