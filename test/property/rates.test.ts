import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Rates } from '../../src/core/pool/rules/rates.ts';
import { TokenBuckets } from '../../src/core/pool/rules/token-buckets.ts';
import type { Rate } from '../../src/core/settings.ts';

const rate: fc.Arbitrary<Rate> = fc.record({
  count: fc.integer({ min: 1, max: 1000 }),
  period: fc.constantFrom(1_000, 60_000, 3_600_000),
  burst: fc.integer({ min: 1, max: 50 }),
});

/** When and how many; gaps from a burst within a millisecond to minutes. */
const attempts = fc.array(
  fc.record({
    gap: fc.oneof(fc.constant(0), fc.nat({ max: 5 }), fc.nat({ max: 5_000 }), fc.nat({ max: 600_000 })),
    tokens: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 60 })),
  }),
  { maxLength: 200, size: 'max' },
);
const begin = 1_800_000_000_000;
const slack = 1e-3;

describe('token buckets', () => {
  it('let through never more than burst + rate x time, in any window', () => {
    fc.assert(
      fc.property(rate, attempts, (limits, steps) => {
        const buckets = new TokenBuckets(limits, 100_000);
        const passed: { readonly at: number; readonly sum: number }[] = [];
        let now = begin;
        let sum = 0;
        for (const { gap, tokens } of steps) {
          now += gap;
          if (buckets.wait('a', tokens, now) > 0) continue;
          buckets.take('a', tokens, now);
          sum += tokens;
          passed.push({ at: now, sum });
          for (const [index, { at }] of passed.entries()) {
            const inWindow = sum - (passed[index - 1]?.sum ?? 0);
            const most = limits.burst + ((now - at) * limits.count) / limits.period;
            assert.ok(inWindow <= most + slack, `${inWindow} in ${now - at} ms, at most ${most}`);
          }
        }
      }),
    );
  });

  it('let through whatever comes when it was told to, and not a millisecond sooner', () => {
    fc.assert(
      fc.property(rate, attempts, (limits, steps) => {
        const buckets = new TokenBuckets(limits, 100_000);
        let now = begin;
        for (const { gap, tokens } of steps) {
          now += gap;
          const wait = buckets.wait('a', tokens, now);
          assert.equal(wait === Number.POSITIVE_INFINITY, tokens > limits.burst);
          if (wait === Number.POSITIVE_INFINITY) continue;
          if (wait > 1) assert.ok(buckets.wait('a', tokens, now + Math.floor(wait - slack)) > 0);
          assert.equal(buckets.wait('a', tokens, now + Math.ceil(wait)), 0);
          if (wait === 0) buckets.take('a', tokens, now);
        }
      }),
    );
  });

  it('hold no more than their bound, and forget the least recently used first', () => {
    const bytes = 64 * 1024;
    const buckets = new TokenBuckets({ count: 1, period: 3_600_000, burst: 1 }, bytes);
    buckets.take('steady@far.example', 1, begin);
    for (let index = 0; index < 100_000; index += 1) {
      buckets.take(`attacker${index}@${'x'.repeat(index % 300)}.example`, 1, begin);
      if (index % 10 === 0) buckets.take('steady@far.example', 0, begin);
      assert.ok(buckets.size * 160 <= bytes);
    }
    assert.ok(buckets.wait('steady@far.example', 1, begin) > 0, 'who keeps writing is remembered');
    assert.equal(buckets.wait('attacker1@x.example', 1, begin), 0);
  });
});

describe('rates', () => {
  it('hold a domain whose accounts are without number, and remember none of those', () => {
    const perSender = { count: 5, period: 1_000, burst: 5 };
    const rates = new Rates(
      { perSender, perDomain: { count: 20, period: 1_000, burst: 20 }, perWorker: undefined },
      60_000,
    );
    let passed = 0;
    for (let index = 0; index < 50_000; index += 1) {
      if (rates.sender(`a${index}@evil.example/${index}`, 1, begin) === undefined) passed += 1;
    }
    assert.equal(passed, 20);
    assert.equal(rates.sender('b@evil.example', 1, begin)?.code, 'rate-domain');
    assert.equal(rates.sender('a@good.example', 1, begin), undefined);
  });

  it('count nothing of what is refused', () => {
    const one = { count: 1, period: 60_000, burst: 1 };
    const rates = new Rates({ perSender: one, perDomain: { ...one, burst: 3 }, perWorker: undefined }, 60_000);
    assert.equal(rates.sender('a@h/1', 1, begin), undefined);
    for (let n = 0; n < 9; n += 1) {
      assert.deepEqual(rates.sender('a@h/2', 1, begin), { code: 'rate-sender', retryAfter: 60 });
    }
    assert.equal(rates.sender('b@h', 1, begin), undefined);
    assert.equal(rates.sender('c@h', 1, begin), undefined);
    assert.deepEqual(rates.sender('d@h', 1, begin), { code: 'rate-domain', retryAfter: 60 });
  });
});
