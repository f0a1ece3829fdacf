import { deepEqual, equal, match } from 'node:assert/strict';
import { type Outcome, outcomeOf } from '../../../bench/loss/outcome.ts';
import { broken, type Cell, lossPage, lossTable } from '../../../bench/loss/page.ts';
import { faults, subjects } from '../../../bench/loss/plan.ts';
import type { LabEvent } from '../../faults/lab/events.ts';

const sender = 's@localhost/r';
const sent = (id: string): LabEvent => ({ at: 0, who: sender, kind: 'sent', id, seq: 1, again: false });
const queued = (id: string): LabEvent => ({ at: 1, who: sender, kind: 'queued', id });
const bounce = (id: string): LabEvent => ({ at: 2, who: sender, kind: 'bounce', id, condition: 'gone' });
const finished = (id: string, who = 'w1'): LabEvent => ({ at: 3, who, kind: 'finished', id });

describe('the loss report', () => {
  it('counts each message once, by whether its work was done, and else by what its sender heard', () => {
    const events = [
      ...['done', 'twice', 'error', 'error-done', 'lost', 'lost-accepted'].map(sent),
      finished('done'),
      finished('twice'),
      finished('twice', 'w2'),
      bounce('error'),
      bounce('error-done'),
      finished('error-done'),
      queued('lost-accepted'),
      sent('lost'),
    ];
    deepEqual(outcomeOf(events), { sent: 6, done: 3, returned: 1, lost: 2, lostAccepted: 1, twice: 1 });
  });

  const [fault] = faults;
  const outcome: Outcome = { sent: 10, done: 9, returned: 0, lost: 1, lostAccepted: 0, twice: 0 };
  const cells = (...rounds: readonly Outcome[]): readonly Cell[] =>
    subjects.map(({ title, server }) => ({ fault: fault?.title ?? '', server, subject: title, rounds }));

  it('has a row for every subject of a server, with the spread where rounds differ', () => {
    const table = lossTable(cells(outcome, { ...outcome, lost: 3 }), fault?.title ?? '', 'ejabberd');
    equal(table.length, 1 + subjects.filter(({ server }) => server === 'ejabberd').length);
    equal(table[1]?.[4], '**2 (1 - 3)**');
  });

  it('is void of its promise when what was accepted is lost, and says so', () => {
    deepEqual(broken(cells(outcome)), []);
    const bad = cells({ ...outcome, lostAccepted: 1 });
    equal(broken(bad).length, subjects.length);
    match(lossPage([], bad), /A guarantee was broken in this run/);
    match(lossPage([], cells(outcome)), /In no round was a message lost/);
  });
});
