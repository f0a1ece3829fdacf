import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { notYetValues } from '../../../src/config/not-yet.ts';
import { lines, minimal } from './fixture.ts';

describe('what is not in this version', () => {
  it('drivers are refused', () => {
    for (const driver of notYetValues.driver) {
      assert.match(
        lines({ ...minimal, store: { driver } })[0] ?? '',
        /^store\.driver \| "postgres" \| This is not in this version\. \| Write "sqlite" or "memory"\./,
      );
    }
  });
});
