import { deepEqual, equal, match } from 'node:assert/strict';
import { MoveReport } from '../../../src/app/database/move-report.ts';

function reportOn(isTTY: boolean) {
  const written: string[] = [];
  const report = new MoveReport('data/a.db', 'postgresql://db/s', {
    isTTY,
    columns: 40,
    write: (text) => written.push(text),
  });
  return { report, written };
}

describe('the report of a move', () => {
  it('has a bar on a terminal, and lines elsewhere', () => {
    for (const isTTY of [true, false]) {
      const { report, written } = reportOn(isTTY);
      report.progress('copied', 50, 100);
      report.reached('copied');
      report.progress('checked', 100, 100);
      report.reached('checked');
      const bars = written.filter((text) => text.includes('#'));
      deepEqual(
        bars.map((bar) => bar.replace('\r\u001b[K', '')),
        isTTY ? ['[#######--------] 50 of 100 rows copied', '[#############] 100 of 100 rows checked'] : [],
      );
      equal(written.filter((text) => text.endsWith('\n')).length, 3);
    }
  });

  it('says what is where after an error, as far as it is known', () => {
    const { report } = reportOn(false);
    const broken = { kind: 'io', file: 'data/a.db' } as const;
    match(report.afterFailure(broken), /^Nothing was moved: data\/a\.db is the store/);
    report.reached('begun');
    match(
      report.afterFailure(broken),
      /^data\/a\.db is the store, as before\. No router uses postgresql:\/\/db\/s until/,
    );
    report.reached('checked');
    match(report.afterFailure(broken), /Whether the move was decided, the same command finds out/);
    report.reached('left');
    equal(report.afterFailure(broken), '');
  });

  it('does not call a store the store that has been moved away', () => {
    const { report } = reportOn(false);
    equal(report.afterFailure({ kind: 'moved', file: 'data/a.db' }), '');
    match(report.afterFailure({ kind: 'moved', file: 'postgresql://db/s' }), /^Nothing was moved: data\/a\.db is/);
  });

  it('says what was moved, what is kept, and what to write', () => {
    const { report, written } = reportOn(false);
    report.end({ finished: true, tables: [{ name: 'member', rows: 0 }], aside: 'old.db' }, { driver: 'sqlite' });
    const text = written.join('');
    for (const said of ['an earlier move was finished', 'no rows', 'is old.db', '"store": {"driver":"sqlite"}']) {
      match(text, new RegExp(said));
    }
  });
});
