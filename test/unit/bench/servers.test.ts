import assert from 'node:assert/strict';
import type { ServerCell } from '../../../bench/servers/cell.ts';
import { readOptions } from '../../../bench/servers/options.ts';
import { serversPage } from '../../../bench/servers/page.ts';
import { addedTable, comparisonTable, type ServerCells } from '../../../bench/servers/report.ts';
import type { WayName } from '../../../bench/servers/scene.ts';

function cell(perSecond: number, p50: number, problems: readonly string[] = []): ServerCell {
  const latency = { p50, p99: 2 * p50, max: 3 * p50 };
  return { perSecond, serverCpu: 1e6 / perSecond, componentCpu: 1, latency, problems };
}

/** Five rounds, faster from one to the next by the same for all, and the latency as much slower. */
function cells(speeds: Readonly<Record<WayName, number>>, problems: readonly string[] = []): ServerCells {
  const rounds = (speed: number): ServerCell[] =>
    [1, 1.1, 1.2, 1.3, 1.4].map((factor) => cell(speed * factor, 1e6 / speed + factor, problems));
  return new Map((['direct', 'router', 'naive', 'annotating'] as const).map((name) => [name, rounds(speeds[name])]));
}

const speeds = { direct: 20_000, router: 9_600, naive: 10_000, annotating: 9_500 };

describe('bench behind servers', () => {
  it('judges against naive, and against naive with the same additions', () => {
    const rows = comparisonTable(cells(speeds)).slice(1);
    assert.deepEqual(
      rows.map(([, ratio, wanted, verdict, cpu]) => [ratio, wanted, verdict, cpu]),
      [
        ['0.96', '≥ 0.97', 'missed', '0.96'],
        ['1.01', '≥ 0.97', 'reached', '1.01'],
        ['0.48', '-', 'shown', '0.48'],
      ],
    );
  });

  it('claims nothing on fewer than five rounds', () => {
    const few = new Map([...cells(speeds)].map(([name, rounds]) => [name, rounds.slice(1)]));
    assert.deepEqual(
      comparisonTable(few).map(([, , , verdict]) => verdict),
      ['verdict', 'not shown', 'not shown', 'shown'],
    );
  });

  it('takes what is added from the same round', () => {
    assert.deepEqual(
      addedTable(cells(speeds)).map(([, added]) => added),
      ['p50 added µs', '54', '50', '55'],
    );
  });

  it('leaves out what was not measured with a kind of messages', () => {
    const some = new Map([...cells(speeds)].filter(([name]) => name !== 'annotating'));
    assert.deepEqual(
      [comparisonTable(some), addedTable(some)].map((table) => table.slice(1).map(([title]) => title)),
      [
        ['Switchyard to naive', 'Switchyard to client to client'],
        ['Switchyard', 'naive @xmpp/component'],
      ],
    );
  });

  it('writes a page that says whether the run was sound', () => {
    const text = serversPage([['Rounds', '5']], new Map([['Prosody', cells(speeds)]]));
    assert.match(text, /^# .*\n\n<!-- Written by/);
    assert.match(text, /The run was sound/);
    assert.match(text, /## Prosody\n\n\| compared \|[\s\S]*\| missed \|[\s\S]*## Conditions[\s\S]*\| Rounds \| 5 \|/);
    const bad = serversPage([], new Map([['Prosody', cells(speeds, ['2 messages did not arrive'])]]));
    assert.match(bad, /void and proves nothing[\s\S]*- Prosody: direct, round 1: 2 messages did not arrive/);
  });

  it('writes it after a full run only', () => {
    assert.equal(readOptions(['--write'])?.rounds, 5);
    for (const more of [['--quick'], ['--only', 'prosody'], ['--rounds', '4']]) {
      assert.throws(() => readOptions(['--write', ...more]), /full run/);
    }
    assert.throws(() => readOptions(['--rounds', 'x']), /whole number/);
    assert.throws(() => readOptions(['--only', 'openfire']), /openfire/);
    assert.equal(readOptions(['--help']), undefined);
  });
});
