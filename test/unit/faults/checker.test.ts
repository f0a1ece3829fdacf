import assert from 'node:assert/strict';
import { check, storyOf, type Terms, type Verdict } from '../../faults/lab/checker.ts';
import type { LabEvent, StoredTally, Unstamped } from '../../faults/lab/events.ts';

const terms: Terms = {
  guarantee: 'at-least-once',
  ordered: false,
  tellsOfDead: false,
  ackTimeout: 5_000,
  margin: 1_000,
};
const sender = 's@localhost/r';
const w1 = 'w@localhost/1';
const w2 = 'w@localhost/2';

/** A log by hand: `at` in milliseconds, who, what. */
class Log {
  readonly events: LabEvent[] = [];

  add(at: number, who: string, event: Unstamped<LabEvent>): this {
    this.events.push({ at, who, ...event });
    return this;
  }

  sent(at: number, id: string, seq = 1, again = false): this {
    return this.add(at, sender, { kind: 'sent', id, seq, again });
  }

  accepted(at: number, id: string, seq = 1): this {
    return this.sent(at, id, seq).add(at + 1, sender, { kind: 'queued', id });
  }

  got(at: number, worker: string, id: string, attempt = 1): this {
    const from = `pool@x/${sender}`;
    return this.add(at, worker, { kind: 'got', id, sender, seq: 1, from, stanzaId: `stored-${id}`, attempt });
  }

  acknowledged(at: number, worker: string, id: string): this {
    return this.add(at, worker, { kind: 'acknowledged', id });
  }

  fault(from: number, to: number, what = 'kill'): this {
    return this.add(from, 'lab', { kind: 'fault', what }).add(to, 'lab', { kind: 'healed', what });
  }

  check(changes: Partial<Terms> = {}): Verdict {
    return check(
      this.events.sort((a, b) => a.at - b.at),
      { ...terms, ...changes },
    );
  }
}

describe('the checker of the fault suite', () => {
  it('asks whether senders of dead letters were told, where nothing excuses it', () => {
    const log = new Log().accepted(0, 'm').add(9, 'store', { kind: 'stored', open: [], dead: ['m'] });
    assert.deepEqual(log.check().problems, []);
    assert.deepEqual(log.check({ tellsOfDead: true }).problems, ['m is dead, and its sender was not told']);
    assert.deepEqual(
      log.add(8, sender, { kind: 'bounce', id: 'm', condition: 'gone' }).check({ tellsOfDead: true }).problems,
      [],
    );
  });

  it('is content with a message that was accepted, came once and was acknowledged', () => {
    const verdict = new Log().accepted(0, 'm').got(2, w1, 'm').acknowledged(5, w1, 'm').check();
    assert.deepEqual(verdict, {
      sent: 1,
      accepted: 1,
      done: 1,
      bounced: 0,
      open: 0,
      dead: 0,
      lost: [],
      unheard: [],
      repeats: 0,
      problems: [],
    });
  });

  it('finds what was accepted and is nowhere', () => {
    const verdict = new Log().accepted(0, 'm').check();
    assert.deepEqual(verdict.lost, ['m']);
    assert.deepEqual(verdict.problems, ['m was accepted, and is lost']);
  });

  it('finds what a worker got, never acknowledged, and nobody knows of any more', () => {
    const verdict = new Log().sent(0, 'm').got(1, w1, 'm').fault(2, 100).check();
    assert.deepEqual(verdict.problems, ['m was accepted, and is lost']);
  });

  it('does not take for lost what was returned, is stored, or is a dead letter', () => {
    const log = new Log().accepted(0, 'a').accepted(0, 'b').accepted(0, 'c');
    log.add(10, sender, { kind: 'bounce', id: 'a', condition: 'recipient-unavailable' });
    log.add(20, 'lab', { kind: 'stored', open: ['b'], dead: ['c'] });
    const { accepted, bounced, open, dead, problems } = log.check();
    assert.deepEqual(
      { accepted, bounced, open, dead, problems },
      { accepted: 3, bounced: 1, open: 1, dead: 1, problems: [] },
    );
  });

  it('tells what was never accepted and never refused apart from what is lost', () => {
    const verdict = new Log().sent(0, 'm').fault(1, 5).check();
    assert.deepEqual([verdict.unheard, verdict.lost, verdict.problems], [['m'], [], []]);
  });

  it('in a plain pool takes what was sent for accepted, and counts what is lost', () => {
    const verdict = new Log().sent(0, 'a').sent(1, 'b', 2).got(2, w1, 'a').check({ guarantee: 'plain' });
    assert.deepEqual([verdict.accepted, verdict.done, verdict.lost, verdict.problems], [2, 1, ['b'], []]);
  });

  describe('asks a message that came again for a reason', () => {
    const begun = (): Log => new Log().accepted(0, 'm').got(100, w1, 'm');
    const ended = (log: Log, at: number): readonly string[] =>
      log
        .got(at, w2, 'm', 2)
        .acknowledged(at + 1, w2, 'm')
        .check().problems;
    const withTimeLeft = [`m came again while ${w1} had it, with time left`];

    it('and has none when the first had time left', () => {
      assert.deepEqual(ended(begun(), 3_000), withTimeLeft);
    });

    it('and takes a deadline that has passed', () => {
      assert.deepEqual(ended(begun(), 5_200), []);
    });

    it('and counts the time that the delivery itself gives', () => {
      const log = new Log().accepted(0, 'm');
      const from = `pool@x/${sender}`;
      log.add(100, w1, { kind: 'got', id: 'm', sender, seq: 1, from, allowed: 20_000 });
      assert.deepEqual(ended(log, 6_000), withTimeLeft);
    });

    it('and knows of more time that the worker asked for', () => {
      const log = begun().add(4_000, w1, { kind: 'extended', id: 'm', by: 5_000 });
      assert.deepEqual(ended(log, 5_200), withTimeLeft);
      assert.deepEqual(ended(begun().add(4_000, w1, { kind: 'extended', id: 'm', by: 5_000 }), 8_100), []);
    });

    it('and takes a worker that refused it, but not a refusal by another', () => {
      assert.deepEqual(ended(begun().add(500, w1, { kind: 'rejected', id: 'm', requeue: true }), 600), []);
      assert.deepEqual(ended(begun().add(500, w2, { kind: 'rejected', id: 'm', requeue: true }), 600), withTimeLeft);
    });

    it('and takes a worker that was away, but not another', () => {
      assert.deepEqual(ended(begun().add(200, w1, { kind: 'gone' }), 2_500), []);
      assert.deepEqual(
        ended(begun().add(200, w2, { kind: 'gone' }).add(900, w2, { kind: 'back' }), 2_500),
        withTimeLeft,
      );
    });

    it('and takes a fault while it was in flight, but not one before or after', () => {
      assert.deepEqual(ended(begun().fault(200, 900), 950), []);
      assert.deepEqual(ended(begun().fault(-9_000, -8_000), 950), withTimeLeft);
      assert.deepEqual(ended(begun().fault(2_000, 3_000), 950), withTimeLeft);
    });

    it('and takes none when it had been acknowledged for long', () => {
      const log = begun().acknowledged(110, w1, 'm');
      assert.deepEqual(ended(log, 9_000), ['m came again though it had been acknowledged']);
    });

    it('and takes a fault that met the acknowledgement, but not a later one', () => {
      assert.deepEqual(ended(begun().acknowledged(110, w1, 'm').fault(120, 500), 9_000), []);
      assert.deepEqual(ended(begun().acknowledged(110, w1, 'm').fault(4_000, 4_500), 9_000), [
        'm came again though it had been acknowledged',
      ]);
    });

    it('and counts it', () => {
      const log = begun().fault(200, 900).got(950, w2, 'm', 2).got(980, w1, 'm', 3).acknowledged(990, w1, 'm');
      assert.equal(log.check().repeats, 2);
    });
  });

  it('finds one attempt that came twice, whatever was broken', () => {
    const log = new Log().accepted(0, 'm').got(1, w1, 'm').fault(2, 50).got(60, w2, 'm').acknowledged(61, w2, 'm');
    assert.deepEqual(log.check().problems, ['m: attempt 1 of stored-m came twice']);
  });

  it('finds a message that was returned though it was done, or twice', () => {
    const log = new Log().accepted(0, 'm').got(1, w1, 'm').acknowledged(2, w1, 'm');
    log.add(5_000, sender, { kind: 'bounce', id: 'm', condition: 'undefined-condition' });
    log.add(6_000, sender, { kind: 'bounce', id: 'm', condition: 'undefined-condition' });
    assert.deepEqual(log.check().problems, ['m was returned twice', 'm was returned though it had been acknowledged']);
    assert.equal(log.check().bounced, 0, 'what is done is not counted as returned too');
  });

  it('lets a late acknowledgement cross the return', () => {
    const log = new Log().accepted(0, 'm').got(1, w1, 'm');
    log.add(9_000, sender, { kind: 'bounce', id: 'm', condition: 'undefined-condition' });
    assert.deepEqual(log.acknowledged(9_500, w1, 'm').check().problems, []);
  });

  it('finds what is still in the store though it is done', () => {
    const log = new Log().accepted(0, 'm').got(1, w1, 'm').acknowledged(2, w1, 'm');
    log.add(9_000, 'lab', { kind: 'stored', open: ['m'], dead: [] });
    assert.deepEqual(log.check().problems, ['m is still open though it was acknowledged']);
  });

  it('finds a receipt that no worker stands for', () => {
    const early = new Log().accepted(0, 'm').got(1, w1, 'm').add(2, sender, { kind: 'receipt', id: 'm' });
    assert.deepEqual(early.acknowledged(3, w1, 'm').check().problems, [
      'm: the sender had a receipt before a worker acknowledged it',
    ]);
    const right = new Log().accepted(0, 'm').got(1, w1, 'm').acknowledged(2, w1, 'm');
    assert.deepEqual(right.add(3, sender, { kind: 'receipt', id: 'm' }).check().problems, []);
  });

  describe('where order is asked for', () => {
    const second = (log: Log): Log => log.got(20, w2, 'b').acknowledged(21, w2, 'b');
    const both = (): Log => new Log().accepted(0, 'a', 1).accepted(2, 'b', 2).got(10, w1, 'a');

    it('wants the next one after the end of the one before', () => {
      assert.deepEqual(second(both().acknowledged(15, w1, 'a')).check({ ordered: true }).problems, []);
      const early = second(both().acknowledged(25, w1, 'a'));
      assert.deepEqual(early.check({ ordered: true }).problems, ['b came before a was done']);
      assert.deepEqual(early.check().problems, []);
    });

    it('takes a return and a dead letter for an end', () => {
      const returned = second(both().add(18, sender, { kind: 'bounce', id: 'a', condition: 'gone' }));
      assert.deepEqual(returned.check({ ordered: true }).problems, []);
      const dead = second(both().add(90, 'lab', { kind: 'stored', open: [], dead: ['a'] }));
      assert.deepEqual(dead.check({ ordered: true }).problems, []);
    });

    it('asks nothing of what was sent again', () => {
      const log = second(both().sent(12, 'a', 1, true)).acknowledged(25, w1, 'a');
      assert.deepEqual(log.check({ ordered: true }).problems, []);
    });
  });

  it('finds answers and messages with a wrong address', () => {
    const log = new Log().accepted(0, 'm').got(1, w1, 'm').acknowledged(2, w1, 'm');
    log.add(3, 'other@localhost/r', { kind: 'answer', id: 'm', sender, from: 'pool@x' });
    log.accepted(4, 'n').add(5, w1, { kind: 'got', id: 'n', sender, seq: 2, from: 'pool@x/other@localhost/r' });
    log.acknowledged(6, w1, 'n');
    assert.deepEqual(log.check().problems, [
      "n came to its worker from another address than its sender's",
      `other@localhost/r has the answer to m of ${sender}`,
    ]);
  });

  it("adds up the store's own books", () => {
    const tally: StoredTally = { accepted: 9, acknowledged: 4, bounced: 1, purged: 1, dead: 1, open: 1 };
    const log = new Log().add(0, 'lab', { kind: 'tally', tally });
    assert.deepEqual(log.check().problems, [
      'the store accepted 9, and accounts for 8 (4 acknowledged, 1 bounced, 1 purged, 1 dead, 1 open)',
    ]);
    assert.deepEqual(new Log().add(0, 'lab', { kind: 'tally', tally: { ...tally, open: 2 } }).check().problems, []);
  });

  it('tells the story of one message, with what was broken about that time', () => {
    const log = new Log().accepted(0, 'm').got(1, w1, 'm').fault(2, 5).accepted(3, 'n');
    const story = storyOf(log.events, 'm').split('\n');
    assert.deepEqual(
      story.map((line) => line.trim().split(' ')[1]),
      ['sent', 'queued', 'got', 'fault', 'healed'],
    );
  });
});
