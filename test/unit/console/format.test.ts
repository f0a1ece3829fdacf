import { deepEqual, equal } from 'node:assert/strict';
import {
  ago,
  bytes,
  compact,
  count,
  counted,
  duration,
  moment,
  nothing,
  percent,
  rate,
} from '../../../console/src/format.ts';

describe('numbers for people', () => {
  it('rates', () => {
    deepEqual([undefined, 0, 0.01, 0.44, 9.9, 9.97, 1_234.4].map(rate), [
      nothing,
      '0',
      '<0.1',
      '0.4',
      '9.9',
      '10',
      '1,234',
    ]);
  });

  it('counts', () => {
    deepEqual([count(12_345), count(null), count(undefined)], ['12,345', nothing, nothing]);
    deepEqual([9_999, 12_345, 4_500_000].map(compact), ['9,999', '12.3K', '4.5M']);
    deepEqual(
      [counted(1, 'worker'), counted(0, 'worker'), counted(2, 'reply', 'replies')],
      ['1 worker', '0 workers', '2 replies'],
    );
  });

  it('sizes', () => {
    deepEqual([0, 999, 1_000, 12_345, 999_600, 3_400_000_000].map(bytes), [
      '0 B',
      '999 B',
      '1.0 kB',
      '12.3 kB',
      '1.0 MB',
      '3.4 GB',
    ]);
  });

  it('times', () => {
    deepEqual([-5, 900, 61_000, 120_000, 3_660_000, 90_000_000].map(duration), [
      '0 s',
      '0 s',
      '1 min 1 s',
      '2 min',
      '1 h 1 min',
      '1 d 1 h',
    ]);
    equal(ago('2026-11-21T00:00:00.000Z', Date.UTC(2026, 10, 21, 0, 0, 30)), '30 s');
    deepEqual([ago(null, 0), ago('', 0)], [nothing, nothing]);
  });

  it('points in time', () => {
    equal(moment(new Date(2026, 10, 1, 9, 8, 7).toISOString()), '2026-11-01 09:08:07');
  });

  it('shares', () => {
    deepEqual(
      [percent(1, 3), percent(0, 5), percent(1, 5_000), percent(5, 5), percent(1, 0)],
      ['33.3 %', '0 %', '<0.1 %', '100 %', nothing],
    );
  });
});
