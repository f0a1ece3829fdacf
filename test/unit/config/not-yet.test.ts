import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { notYetValues } from '../../../src/config/not-yet.ts';
import { lines, minimal, withPool } from './fixture.ts';

describe('what is not in this version', () => {
  it('drivers are refused', () => {
    for (const driver of notYetValues.driver) {
      assert.match(
        lines({ ...minimal, store: { driver } })[0] ?? '',
        /^store\.driver \| "postgres" \| This is not in this version\. \| Write "sqlite" or "memory"\./,
      );
    }
  });

  it('at-least-once is refused, of the pool and as a hint', () => {
    const refused = (delivery: object) => lines(withPool({ delivery })).map((line) => line.split(' | ').slice(0, 4));
    const problem = 'This is not in this version.';
    for (const guarantee of notYetValues.guarantee) {
      const suggestion = 'Write "plain", or leave it out.';
      const expected = ['pools.jobs.delivery.guarantee', '"at-least-once"', problem, suggestion];
      assert.deepEqual(refused({ guarantee }), [expected]);
    }
    const expected = ['pools.jobs.delivery.hints', 'a list of 1', problem, 'Leave "at-least-once" out.'];
    assert.deepEqual(refused({ hints: ['at-least-once'] }), [expected]);
  });
});
