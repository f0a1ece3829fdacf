import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { notYetKeys, notYetValues } from '../../../src/config/not-yet.ts';
import { lines, load, minimal, withPool } from './fixture.ts';

/** The minimal configuration with `key` in a section of the table. */
function written(section: string, key: string, value: unknown): object {
  if (section === 'pools.*.sticky') return withPool({ sticky: { [key]: value } });
  assert.equal(section, 'pools.*.delivery');
  return withPool({ delivery: { [key]: value } });
}

const later: readonly [string, object, string, string][] = [
  ['sticky.bound', withPool({ sticky: { bound: 1.5 } }), '1.5', 'Write "off", or leave it out.'],
  [
    'delivery.guarantee',
    withPool({ delivery: { guarantee: 'at-least-once' } }),
    '"at-least-once"',
    'Write "plain", or leave it out.',
  ],
  ['delivery.capacity', withPool({ delivery: { capacity: 10 } }), '10', 'Leave this key out.'],
];

describe('what is not in this version', () => {
  for (const [name, content, found, suggestion] of later) {
    it(`${name} is refused with what to write instead`, () => {
      const parts = lines(content).map((line) => line.split(' | ').slice(1, 4));
      assert.deepEqual(parts, [[found, 'This is not in this version.', suggestion]]);
    });
  }

  for (const [section, keys] of Object.entries(notYetKeys)) {
    for (const [key, { neutral }] of Object.entries(keys)) {
      it(`${section}.${key} is known, and refused unless neutral`, () => {
        for (const value of neutral) assert.ok(load(written(section, key, value)));
        for (const value of ['x', 1, true, null, {}, ['x']]) {
          const found = lines(written(section, key, value));
          assert.equal(found.length, 1);
          assert.match(found[0] ?? '', /\| This is not in this version\. \|/);
        }
      });
    }
  }

  it('drivers are refused', () => {
    for (const driver of notYetValues.driver) {
      assert.match(
        lines({ ...minimal, store: { driver } })[0] ?? '',
        /^store\.driver \| "postgres" \| This is not in this version\. \| Write "sqlite" or "memory"\./,
      );
    }
  });
});
