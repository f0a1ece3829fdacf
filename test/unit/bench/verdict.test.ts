import assert from 'node:assert/strict';
import type { Cell } from '../../../bench/cell.ts';
import { loopTable, ratioTable } from '../../../bench/report.ts';
import { spread } from '../../../bench/statistics.ts';
import type { VariantName } from '../../../bench/variants/variant.ts';
import { judge, voidReasons } from '../../../bench/verdict.ts';

function cell(perSecond: number, problems: readonly string[] = []): Cell {
  return { perSecond, cpuPerMillion: 1, resident: 1, mockShare: 0.5, latencies: [], problems };
}

/** Speeds of each round, in thousands. */
function cells(speeds: Partial<Record<VariantName, readonly number[]>>): Map<VariantName, Cell[]> {
  const names: readonly VariantName[] = ['relay', 'router', 'crowd', 'naive', 'slixmpp'];
  return new Map(names.map((name) => [name, (speeds[name] ?? []).map((speed) => cell(speed * 1000))]));
}

function naiveVerdict(router: readonly number[], naive: readonly number[]): string | undefined {
  return judge(cells({ router, naive })).find(({ to }) => to === 'naive')?.verdict;
}

describe('bench: verdict', () => {
  it('is reached when every round reached the bar', () => {
    assert.equal(naiveVerdict([300, 310, 320, 330, 340], [100, 100, 100, 100, 100]), 'reached');
  });

  it('is missed when no round reached it', () => {
    assert.equal(naiveVerdict([290, 280, 270, 260, 250], [100, 100, 100, 100, 100]), 'missed');
  });

  it('is not shown when the bar lies within the spread', () => {
    assert.equal(naiveVerdict([299, 400, 400, 400, 400], [100, 100, 100, 100, 100]), 'not shown');
  });

  it('is not shown with fewer than five rounds', () => {
    assert.equal(naiveVerdict([400, 400, 400, 400], [100, 100, 100, 100]), 'not shown');
  });

  it('compares speeds of the same round', () => {
    assert.equal(naiveVerdict([300, 600, 300, 600, 300], [100, 200, 100, 200, 100]), 'reached');
  });

  it('voids a run whose mock carried the relay less than five times as fast', () => {
    assert.equal(voidReasons(cells({ relay: [1499], router: [300] })).length, 1);
    assert.deepEqual(voidReasons(cells({ relay: [1500], router: [300] })), []);
  });

  it('voids a run in which anything went wrong', () => {
    const run = cells({ relay: [2000], router: [300] });
    run.set('naive', [cell(1), cell(1, ['1 of 2 messages were lost'])]);
    assert.deepEqual(voidReasons(run), ['naive, round 2: 1 of 2 messages were lost']);
  });
});

describe('bench: many senders', () => {
  it('are compared without a bar, and do not void the run', () => {
    const run = cells({ relay: [2000], router: [300], crowd: [150] });
    const shown = judge(run).find(({ about }) => about === 'scale');
    assert.deepEqual(shown?.ratio, { median: 0.5, min: 0.5, max: 0.5 });
    assert.equal(shown?.verdict, 'shown');
    assert.deepEqual(voidReasons(run), []);
    assert.ok(ratioTable(run).some(([what]) => what === 'Switchyard, 100 000 senders to Switchyard'));
  });
});

describe('bench: event loop', () => {
  it('is shown of the components that tell, at each rate', () => {
    const at = { rate: 1000, sustained: true, p50: 1, p99: 2, max: 3 };
    const telling = { ...cell(1), latencies: [{ ...at, loop: { p50: 10, p99: 200, max: 3000 } }] };
    const silent = { ...cell(1), latencies: [{ ...at, loop: undefined }] };
    const [, ...rows] = loopTable(
      new Map<VariantName, Cell[]>([
        ['router', [telling]],
        ['naive', [silent]],
      ]),
    );
    assert.deepEqual(rows, [['Switchyard', '1 k/s', '10', '200', '3000']]);
  });
});

describe('bench: spread', () => {
  it('gives the median, the least and the most', () => {
    assert.deepEqual(spread([5, 1, 3]), { median: 3, min: 1, max: 5 });
    assert.deepEqual(spread([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4 });
  });

  it('claims nothing when a value is missing', () => {
    assert.equal(spread([1, undefined]), undefined);
    assert.equal(spread([]), undefined);
  });
});
