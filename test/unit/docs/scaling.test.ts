import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { measured, needsOf, planned, units } from '../../../scripts/scaling-model.ts';
import { plan, withFigures } from '../../../scripts/scaling-page.ts';

const rates = { plain: 100_000, sqlite: 20_000, postgres: 10_000, prosody: 5_000, ejabberd: 15_000 };
const unit = units.sqlite;

describe('the model of docs/scaling.md', () => {
  it('counts what a load needs from the peak of its day', () => {
    // 8.64 billion a day are 100 000 a second in the mean.
    const needs = needsOf(8_640_000_000, rates);
    assert.deepEqual(needs, {
      perDay: 8_640_000_000,
      peak: 500_000,
      domains: 50,
      fronts: 5,
      prosody: 100,
      ejabberd: 34,
      inFlight: 1_000_000,
      backlog: 300_000_000,
      backlogBytes: 300_000_000_000,
    });
    assert.deepEqual([needsOf(1_000, rates).domains, needsOf(1_000, rates).prosody], [1, 1]);
  });

  it('plans with less than was measured, in two digits', () => {
    assert.equal(planned({ ...unit, share: 0.25 }, 84_024), 21_000);
    assert.equal(planned({ ...unit, share: 0.5 }, 9_707), 4_800);
    const rates = plan();
    for (const [name, each] of Object.entries(units)) {
      const text = readFileSync(new URL(`../../../docs/${each.page}`, import.meta.url), 'utf8');
      const rate = rates[name as keyof typeof units];
      assert.ok(rate > 0 && rate <= each.share * measured(each, text), name);
    }
  });

  it('takes each figure from its page, and says which has none', () => {
    const page = '| Switchyard | 394 k (383 k - 405 k) |\n| Switchyard, at least once | 84024 (81384 - 95243) |';
    assert.equal(measured(units.plain, page), 394_000);
    assert.equal(measured(units.sqlite, page), 84_024);
    assert.throws(
      () => measured(units.postgres, page),
      /docs\/benchmarks\.md has no figure for a router, at least once, PostgreSQL/,
    );
  });

  it('stands on the page with all its loads', () => {
    const text = withFigures((head, rows) => [head, ...rows].map((cells) => cells.join('|')).join('\n'));
    const [, model = ''] = /<!-- model: generated -->\n([\s\S]*?)\n<!-- \/model -->/.exec(text) ?? [];
    assert.deepEqual(
      model.split('\n').map((line) => line.split('|')[0]),
      ['Messages a day', '10 million', '100 million', '1 billion', '10 billion', '100 billion'],
    );
  });
});
