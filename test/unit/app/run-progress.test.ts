import assert from 'node:assert/strict';
import { readProblem } from '../../../src/app/operate/api.ts';
import { Progress } from '../../../src/app/operate/run-progress.ts';
import { outcomeOf, type RunView, readRun, readRuns, runsTable, runTable } from '../../../src/app/operate/run-view.ts';

type Worker = RunView['workers'][number];

function worker(n: number, result: string | null, changes: Partial<Worker> = {}): Worker {
  return {
    worker: `w@x/${n}`,
    to: null,
    stage: result === null ? 'told' : 'over',
    result,
    reason: null,
    began: '2026-11-21T12:00:00.000Z',
    ended: result === null ? null : '2026-11-21T12:00:01.500Z',
    returnedAs: null,
    ...changes,
  };
}

function run(workers: readonly Worker[], changes: Partial<RunView> = {}): RunView {
  return {
    id: '7',
    scenario: 'maintenance',
    about: 'maintenance of pool jobs',
    state: 'running',
    ended: null,
    waiting: 1,
    underWay: 1,
    begun: workers.length,
    results: { moved: 1, refused: 1 },
    workers: [...workers],
    notFollowed: [],
    ...changes,
  };
}

describe('the progress of a run of transfers', () => {
  it('tells each change once, and which workers need not be looked at again', () => {
    const lines: string[] = [];
    const progress = new Progress((line) => lines.push(line));
    progress.begin(run([]));
    progress.tell(run([worker(1, null), worker(2, null)]));
    progress.tell(run([worker(1, null), worker(2, 'moved')]));
    assert.equal(progress.over, 0);
    progress.tell(run([worker(1, 'refused', { reason: 'it refuses' }), worker(2, 'moved'), worker(3, null)]));
    assert.equal(progress.over, 2);
    progress.tell(run([worker(3, 'lost')], { begun: 3, waiting: 0 }));
    assert.equal(progress.over, 3);
    assert.deepEqual(lines, [
      'run 7 starts: maintenance of pool jobs; 1 workers',
      '[1/3] w@x/1 told',
      '[2/3] w@x/2 told',
      '[2/3] w@x/2 moved in 1.5 s',
      '[1/4] w@x/1 refused in 1.5 s: it refuses',
      '[3/4] w@x/3 told',
      '[3/3] w@x/3 lost in 1.5 s',
    ]);
  });
});

describe('a run of transfers, shown', () => {
  it('is a table of its workers and a line that says how it stands', () => {
    const shown = run(
      [worker(1, 'moved', { returnedAs: 'w@x/9' }), worker(2, 'refused', { reason: 'no' }), worker(3, null)],
      {
        notFollowed: ['w@x/2'],
      },
    );
    assert.equal(
      runTable(shown),
      [
        'WORKER  NOW      TOOK   WHY',
        'w@x/1   moved    1.5 s  came back as w@x/9',
        'w@x/2   refused  1.5 s  no',
        'w@x/3   told',
        'run 7 running: 1 moved, 1 not, 1 waiting, 1 under way; did not follow: w@x/2',
        '',
      ].join('\n'),
    );
    assert.equal(
      outcomeOf({ ...shown, state: 'finished', waiting: 0, underWay: 0, notFollowed: [] }),
      'run 7 finished: 1 moved, 1 not',
    );
    assert.match(runsTable([shown]), /^RUN +STATE.*\n7 +running +1 +1 +1 +1 +maintenance of pool jobs\n$/);
  });

  it('is nothing when the router says something else', () => {
    assert.equal(readRun({ id: 7 }), undefined);
    assert.equal(readRun(undefined), undefined);
    assert.equal(readRuns({ runs: 'none' }), undefined);
    assert.deepEqual(readRun({ ...run([]), more: 1 })?.id, '7');
    assert.equal(readProblem({ error: { text: 'No.', field: 'batch' } }), 'batch: No.');
    assert.equal(readProblem({ error: { text: 'No.' } }), 'No.');
    assert.equal(readProblem('nothing'), undefined);
  });
});
