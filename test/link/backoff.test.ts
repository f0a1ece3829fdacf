import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Backoff } from '../../src/xmpp/link/backoff.ts';

const bounds = fc
  .record({ min: fc.integer({ min: 1, max: 5_000 }), factor: fc.integer({ min: 1, max: 1_000 }) })
  .map(({ min, factor }) => ({ min, max: min * factor }));
const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('link: back-off', () => {
  it('draws each delay from 0 to min * 2^n, never above max', () => {
    fc.assert(
      fc.property(bounds, fc.array(unit, { minLength: 1, maxLength: 30 }), (settings, numbers) => {
        const draws = [...numbers];
        const backoff = new Backoff(settings, () => draws.shift() ?? 0);
        for (const [n, number] of numbers.entries()) {
          const ceiling = Math.min(settings.max, settings.min * 2 ** n);
          assert.equal(backoff.next(), number * ceiling);
        }
      }),
    );
  });

  it('has full jitter: delays fill the whole range', () => {
    const backoff = new Backoff({ min: 1_000, max: 1_000 }, Math.random);
    const tenths = new Set(Array.from({ length: 2_000 }, () => Math.floor(backoff.next() / 100)));
    assert.equal(tenths.size, 10);
  });

  it('starts again after reset, and stays long after a refusal', () => {
    const backoff = new Backoff({ min: 1_000, max: 60_000 }, () => 0.5);
    assert.deepEqual([backoff.next(), backoff.next(), backoff.next()], [500, 1_000, 2_000]);
    backoff.reset();
    assert.equal(backoff.next(), 500);
    assert.equal(backoff.longest(), 60_000);
    assert.equal(backoff.next(), 30_000);
    backoff.reset();
    assert.equal(backoff.next(), 500);
  });

  it('never stops trying', () => {
    const backoff = new Backoff({ min: 1_000, max: 60_000 }, () => 0.999);
    for (let i = 0; i < 5_000; i++) assert(backoff.next() < 60_000);
  });
});
