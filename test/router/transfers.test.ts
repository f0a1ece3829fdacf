import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Caller } from '../../src/core/commands/command.ts';
import type { PresenceEnvelope, WorkerWish } from '../../src/core/envelope.ts';
import { parseDestination } from '../../src/core/transfer/destination.ts';
import type { RunReport } from '../../src/core/transfer/run-report.ts';
import type { TransferSettings } from '../../src/core/transfer/settings.ts';
import {
  admin,
  domain,
  emptySnapshot,
  House,
  jobs,
  message,
  poolSettings,
  presence,
  response,
  serviceSettings,
} from './house.ts';
import type { Written } from './recording-out.ts';

const one = 'w@work.example/one';
const two = 'w@work.example/two';
const three = 'w@work.example/three';
const cxfr = { version: '', features: ['urn:xmpp:cxfr'] };
const settings: TransferSettings = {
  workers: [],
  servers: [],
  rules: [],
  drain: 30_000,
  answer: 10_000,
  leave: 60_000,
  back: 120_000,
};
type Told = Extract<Written, { call: 'transfer' }>;

function server(text: string) {
  const read = parseDestination(text);
  ok(read !== undefined);
  return read;
}

function wish(changes: Partial<WorkerWish>): WorkerWish {
  return { weight: undefined, capacity: undefined, label: undefined, drain: false, problem: undefined, ...changes };
}

/** A house whose workers do as the test says. */
class Yard extends House {
  constructor(changes: Partial<TransferSettings> = { workers: ['*'] }, pools = [poolSettings()]) {
    super(serviceSettings(pools, { transfers: { ...settings, ...changes } }), emptySnapshot);
    this.router.linkUp(this.now);
  }

  start(name: 'maintenance' | 'rebalance', given: Record<string, unknown>): string {
    const result = this.router.perform(`transfers.${name}`, admin, { pace: 0, ...given }, this.now);
    ok('done' in result, JSON.stringify(result));
    return 'id' in result.done ? String(result.done.id) : '';
  }

  report(id = '1'): RunReport {
    const result = this.router.perform('transfers.show', admin, { id }, this.now);
    ok('done' in result);
    return result.done as RunReport;
  }

  /** What became of each worker that was begun with, by resource. */
  ends(id = '1'): string[] {
    return this.report(id).workers.map(({ worker, stage, result }) => `${worker.split('/')[1]} ${result ?? stage}`);
  }

  /** The transfers that were sent since the last look. */
  told(): Told[] {
    return this.out.take().flatMap((written) => (written.call === 'transfer' ? [written] : []));
  }

  /** The only transfer that was sent since the last look. */
  onlyTold(): Told {
    const [first, ...others] = this.told();
    ok(first !== undefined && others.length === 0, 'not exactly one transfer was sent');
    return first;
  }

  cancelRun(id: string): void {
    ok('done' in this.router.perform('transfers.cancel', admin, { id }, this.now));
  }

  leave(worker: string, to = jobs): void {
    this.on(presence(worker, { type: 'unavailable', to }));
  }

  answer({ to, id }: { to: string; id: string }, condition?: string): unknown {
    const error = condition === undefined ? undefined : ({ condition, type: 'cancel' } as const);
    return this.on(response(to, id, { to: domain, error }));
  }

  /** The worker says yes, leaves, and comes back. */
  follow(told: { to: string; id: string }, changes: Partial<PresenceEnvelope> = {}): void {
    this.answer(told);
    this.leave(told.to);
    this.join(told.to, changes);
  }
}

describe('router: connection transfers', () => {
  it('moves the workers of a pool one after the other, in order, and waits for each to come back', () => {
    const yard = new Yard();
    for (const worker of [one, two, three]) yard.join(worker);
    yard.start('maintenance', { pool: 'jobs', to: 'node2.example:5222' });
    for (const worker of [one, two, three]) {
      const told = yard.onlyTold();
      deepEqual(
        [told.from, told.to, told.order],
        [domain, worker, { form: 'cxfr', domain: 'work.example', server: server('node2.example:5222') }],
      );
      yard.pass(1_000);
      deepEqual(yard.told(), [], 'the next was told before this one was back');
      yard.answer(told);
      yard.leave(worker);
      yard.pass(1_000);
      deepEqual(yard.told(), []);
      yard.on(presence(worker));
      yard.out.take();
      yard.pass(100);
    }
    deepEqual(yard.ends(), ['one moved', 'two moved', 'three moved']);
    const { state, results, notFollowed, ended } = yard.report();
    deepEqual([state, results.moved, notFollowed], ['finished', 3, []]);
    ok(ended !== null);
    equal(yard.out.events.get('transfer-moved'), 3);
  });

  it('gives a worker nothing more once it is to go, and everything again when it is back', () => {
    const yard = new Yard();
    for (const worker of [one, two]) yard.join(worker);
    yard.deal(1);
    yard.start('maintenance', { pool: 'jobs' });
    yard.pass(100);
    deepEqual(yard.told(), [], 'it was told while it had work');
    deepEqual(yard.deal(3, { from: 'b@far.example' }), ['two', 'two', 'two']);
    // A reply ends what is in flight.
    yard.on(message({ from: one, to: `${jobs}/sensor@far.example/r`, id: 'r1' }));
    yard.out.take();
    yard.pass(100);
    const told = yard.onlyTold();
    deepEqual(told.order, { form: 'cxfr', domain: 'work.example', server: server('work.example') });
    deepEqual(yard.deal(2, { from: 'c@far.example' }), ['two', 'two']);
    yard.on(message({ id: 'to-label', to: `${jobs}/~one` }));
    yard.on(message({ id: 'headline', type: 'headline' }));
    deepEqual(
      yard.out.take().map((written) => (written.call === 'forward' ? written.to : written.call)),
      [two, two],
      'what names the worker, and a headline, go elsewhere too',
    );
    yard.follow(told);
    yard.cancelRun('1');
    deepEqual(yard.deal(4).toSorted(), ['one', 'one', 'two', 'two']);
  });

  it('does not wait for ever for a worker that never finishes', () => {
    const yard = new Yard({ workers: ['*'], drain: 5_000 });
    for (const worker of [one, two]) yard.join(worker);
    yard.deal(2);
    yard.start('maintenance', { pool: 'jobs' });
    yard.pass(4_900);
    deepEqual(yard.told(), []);
    yard.pass(100);
    equal(yard.onlyTold().to, one);
    equal(yard.report().workers[0]?.unfinished, 1);
  });

  it('asks what a client can do, and uses the form that it knows', () => {
    for (const [feature, form] of [
      ['urn:xmpp:cxfr', 'cxfr'],
      ['jabber:iq:srvxfr', 'srvxfr'],
    ]) {
      const yard = new Yard({});
      yard.join(one);
      yard.start('maintenance', { all: true });
      const [asked] = yard.out.take();
      ok(asked?.call === 'ask-info' && asked.node === undefined && asked.from === domain);
      yard.on(response(one, asked.id, { to: domain, info: { version: '', features: [feature ?? ''] } }));
      equal(yard.onlyTold().order.form, form);
    }
  });

  it('leaves in peace who does not list transfers, says nothing, or cannot be asked', () => {
    const yard = new Yard({});
    for (const worker of [one, two, three]) yard.join(worker);
    yard.start('maintenance', { pool: 'jobs', batch: 3 });
    const asked = yard.out.take().flatMap((written) => (written.call === 'ask-info' ? [written] : []));
    equal(asked.length, 3);
    yard.on(response(one, asked[0]?.id ?? '', { info: { version: '', features: ['urn:xmpp:ping'] } }));
    yard.on(response(two, asked[1]?.id ?? '', { error: { condition: 'service-unavailable', type: 'cancel' } }));
    deepEqual(yard.deal(3).length, 3, 'nobody was drained');
    yard.pass(10_000);
    deepEqual(yard.ends(), ['one unsupported', 'two unsupported', 'three unsupported']);
    deepEqual(yard.told(), []);
    deepEqual(yard.report().notFollowed, [one, two, three]);
  });

  it('knows from its presence what a client can do (XEP-0115)', () => {
    const yard = new Yard({});
    yard.on(presence(one, { caps: { node: 'urn:client', version: 'v' } }));
    yard.out.take();
    yard.pass(200);
    const [asked] = yard.out.take().flatMap((written) => (written.call === 'ask-info' ? [written] : []));
    yard.on(response(one, asked?.id ?? '', { info: { ...cxfr, version: 'v' } }));
    yard.start('maintenance', { pool: 'jobs' });
    equal(yard.onlyTold().to, one);
  });

  it('tells apart refusal, ignorance, silence, and a yes that nothing follows; all go back to work', () => {
    const ends: readonly [end: string, act: (yard: Yard, told: Told) => void][] = [
      ['refused', (yard, told) => yard.answer(told, 'not-allowed')],
      ['refused', (yard, told) => yard.answer(told, 'bad-request')],
      ['unsupported', (yard, told) => yard.answer(told, 'service-unavailable')],
      ['unsupported', (yard, told) => yard.answer(told, 'feature-not-implemented')],
      ['silent', (yard) => yard.pass(10_000)],
      [
        'stayed',
        (yard, told) => {
          yard.answer(told);
          yard.pass(60_000);
        },
      ],
    ];
    for (const [end, act] of ends) {
      const yard = new Yard();
      yard.join(one);
      yard.start('maintenance', { pool: 'jobs' });
      const told = yard.onlyTold();
      deepEqual(yard.deal(1), [], 'it got work while it was told to go');
      act(yard, told);
      yard.pass(100);
      deepEqual(yard.ends(), [`one ${end}`]);
      deepEqual(yard.report().notFollowed, [one]);
      equal(yard.report().state, 'finished');
      yard.out.take();
      deepEqual(yard.deal(1), ['one']);
      equal(yard.out.events.get(`transfer-${end}` as 'transfer-silent'), 1);
      ok(yard.out.notices.some(({ event, level }) => event === `transfer-${end}` && level === 'warn'));
    }
  });

  it('stops when more workers are lost than may be', () => {
    const yard = new Yard({ workers: ['*'], back: 10_000 });
    for (const worker of [one, two, three]) yard.join(worker);
    yard.start('maintenance', { pool: 'jobs', maxLost: 1 });
    for (const _ of [1, 2]) {
      const told = yard.onlyTold();
      yard.answer(told);
      yard.leave(told.to);
      yard.pass(10_100);
    }
    deepEqual(yard.ends(), ['one lost', 'two lost']);
    equal(yard.report().state, 'stopped');
    deepEqual(yard.told(), []);
    deepEqual(yard.deal(1), ['three']);
  });

  it('takes a worker that leaves without an answer for one that follows', () => {
    const yard = new Yard();
    yard.join(one);
    yard.start('maintenance', { pool: 'jobs' });
    const told = yard.onlyTold();
    yard.leave(one);
    deepEqual(yard.ends(), ['one away']);
    yard.router.linkDown();
    yard.router.linkUp(yard.now);
    deepEqual(yard.told(), [], 'it was told again although it has left');
    yard.join(one);
    yard.pass(100);
    deepEqual(yard.ends(), ['one moved']);
    deepEqual(yard.answer(told), { kind: 'dropped', reason: 'response-unmatched' });
  });

  it('gives a worker that is back nothing before it has shown by a ping that what is sent arrives', () => {
    const yard = new Yard();
    for (const worker of [one, two]) yard.join(worker);
    yard.start('maintenance', { pool: 'jobs' });
    const told = yard.onlyTold();
    yard.answer(told);
    yard.leave(one);
    yard.on(presence(one));
    const pings = yard.out.take().flatMap((written) => (written.call === 'ping' ? [written] : []));
    deepEqual(
      pings.map(({ to }) => to),
      [one],
    );
    deepEqual(yard.deal(4), ['two', 'two', 'two', 'two']);
    for (const { from, to, id } of pings) yard.on(response(to, id, { to: from }));
    deepEqual(yard.deal(4).sort(), ['one', 'one', 'two', 'two']);
  });

  it('takes in an answer that comes after the worker has left', () => {
    const yard = new Yard();
    yard.join(one);
    yard.start('maintenance', { pool: 'jobs' });
    const told = yard.onlyTold();
    yard.leave(one);
    deepEqual(yard.answer(told, 'not-allowed'), { kind: 'consumed' });
    deepEqual(yard.ends(), ['one away']);
    yard.join(one);
    yard.pass(100);
    deepEqual(yard.ends(), ['one moved']);
  });

  it('knows a worker again that comes back with another resource', () => {
    const yard = new Yard();
    yard.join('solo@work.example/a');
    yard.start('maintenance', { pool: 'jobs' });
    const told = yard.onlyTold();
    yard.answer(told);
    yard.leave('solo@work.example/a');
    yard.join('other@work.example/b');
    deepEqual(yard.ends(), ['a away']);
    yard.join('solo@work.example/b');
    yard.pass(100);
    deepEqual(yard.ends(), ['a moved']);
    equal(yard.report().workers[0]?.returnedAs, 'solo@work.example/b');
  });

  it('believes no answer from somebody else, with another id, or twice', () => {
    const yard = new Yard();
    for (const worker of [one, two]) yard.join(worker);
    yard.start('maintenance', { pool: 'jobs' });
    const told = yard.onlyTold();
    const unmatched = { kind: 'dropped', reason: 'response-unmatched' };
    deepEqual(yard.answer({ to: two, id: told.id }), unmatched);
    deepEqual(yard.answer({ to: one, id: 'forged' }), unmatched);
    deepEqual(yard.ends(), ['one told']);
    deepEqual(yard.answer(told), { kind: 'consumed' });
    deepEqual(yard.ends(), ['one leaving']);
    deepEqual(yard.answer(told, 'not-allowed'), unmatched);
    deepEqual(yard.ends(), ['one leaving']);
  });

  it('does not take one for moved that says it is back where it was, as after a new server that let nobody in', () => {
    const yard = new Yard();
    const at = (text: string) => ({ wish: wish({ server: server(text) }) });
    for (const worker of [one, two, three]) yard.join(worker, at('node1.example:5222'));
    yard.start('maintenance', { pool: 'jobs', to: 'node2.example:5222' });
    // What the third says is neither: by another name it may be the right one.
    for (const says of ['node1.example:5222', 'node2.example:5222', '10.0.0.2:5222']) {
      yard.follow(yard.onlyTold(), at(says));
      yard.pass(100);
    }
    deepEqual(yard.ends(), ['one stayed', 'two moved', 'three moved']);
    const { workers, notFollowed, state } = yard.report();
    deepEqual([workers[0]?.reason, notFollowed], ['it came back to the server that it was on', [one]]);
    equal(state, 'finished');
    // It works again, and the next run finds it where it is.
    deepEqual(yard.deal(3).sort(), ['one', 'three', 'two']);
    const next = yard.start('maintenance', { host: 'node1.example', to: 'node3.example' });
    deepEqual(yard.ends(next), ['one draining']);
  });

  it('counts a worker of several pools once: it is drained in all and has left when it has left all', () => {
    const yard = new Yard({ workers: ['*'] }, [poolSettings(), poolSettings({ name: 'more' })]);
    const more = `more@${domain}`;
    for (const to of [jobs, more]) yard.join(one, { to });
    yard.start('maintenance', { pool: 'jobs' });
    const told = yard.onlyTold();
    deepEqual(yard.deal(1, { to: more }), []);
    yard.answer(told);
    yard.leave(one);
    deepEqual(yard.ends(), ['one leaving']);
    yard.leave(one, more);
    deepEqual(yard.ends(), ['one away']);
    deepEqual(yard.report().workers[0]?.pools, ['jobs', 'more']);
    yard.join(one, { to: more });
    yard.join(one);
    yard.pass(100);
    deepEqual(yard.ends(), ['one moved']);
    deepEqual(yard.deal(1, { to: more, from: 'x@far.example' }), ['one']);
    deepEqual(yard.deal(1), ['one']);
  });

  it('moves so many at once, and pauses between batches', () => {
    const yard = new Yard();
    for (const worker of [one, two, three]) yard.join(worker);
    yard.start('maintenance', { pool: 'jobs', batch: 2, pace: 5 });
    const [first, second, ...none] = yard.told();
    ok(first !== undefined && second !== undefined && none.length === 0);
    yard.follow(first);
    yard.pass(1_000);
    deepEqual(yard.told(), [], 'a batch is whole');
    yard.follow(second);
    yard.pass(4_900);
    deepEqual(yard.told(), []);
    yard.pass(300);
    equal(yard.onlyTold().to, three);
  });

  it('does not take the last worker of a pool while another of it is away', () => {
    const yard = new Yard();
    for (const worker of [one, two]) yard.join(worker);
    yard.start('maintenance', { pool: 'jobs', batch: 10 });
    const told = yard.onlyTold();
    equal(told.to, one);
    deepEqual(yard.deal(1), ['two']);
    yard.pass(1_000);
    yard.on(message({ from: two, to: `${jobs}/sensor@far.example/r`, id: 'r1' }));
    yard.follow(told);
    yard.pass(200);
    equal(yard.onlyTold().to, two);
  });

  it('moves a worker that is alone in its pool all the same', () => {
    const yard = new Yard();
    yard.join(one);
    yard.start('maintenance', { pool: 'jobs' });
    equal(yard.onlyTold().to, one);
  });

  it('is cancelled: nobody more is moved, who was told is followed to his end', () => {
    const yard = new Yard();
    for (const worker of [one, two, three]) yard.join(worker);
    yard.start('maintenance', { pool: 'jobs' });
    const told = yard.onlyTold();
    yard.cancelRun('1');
    deepEqual([yard.report().state, yard.report().ended, yard.report().waiting], ['cancelled', null, 0]);
    yard.follow(told);
    yard.pass(1_000);
    deepEqual(yard.told(), []);
    deepEqual(yard.ends(), ['one moved']);
    ok(yard.report().ended !== null);
  });

  it('takes back the drain of those who were not told when it is cancelled', () => {
    const yard = new Yard();
    for (const worker of [one, two]) yard.join(worker);
    yard.deal(2);
    yard.start('maintenance', { pool: 'jobs' });
    deepEqual(yard.ends(), ['one draining']);
    yard.cancelRun('1');
    deepEqual(yard.ends(), ['one cancelled']);
    deepEqual(yard.deal(2).toSorted(), ['one', 'two']);
  });

  it('tells a worker again whose answer was lost with the link, and stops the clocks meanwhile', () => {
    const yard = new Yard();
    yard.join(one);
    yard.start('maintenance', { pool: 'jobs' });
    const first = yard.onlyTold();
    yard.router.linkDown();
    yard.pass(200_000);
    deepEqual(yard.ends(), ['one told']);
    yard.router.linkUp(yard.now);
    const second = yard.onlyTold();
    ok(second.id !== first.id);
    deepEqual(yard.answer(first), { kind: 'dropped', reason: 'response-unmatched' });
    yard.follow(second);
    yard.pass(100);
    deepEqual(yard.ends(), ['one moved']);
  });

  it('gives a worker the time that the link was down on top of its own', () => {
    const yard = new Yard();
    for (const worker of [one, two]) yard.join(worker);
    yard.start('maintenance', { pool: 'jobs' });
    yard.answer(yard.onlyTold());
    yard.pass(50_000);
    yard.router.linkDown();
    yard.pass(100_000);
    yard.router.linkUp(yard.now);
    yard.answerPings();
    yard.pass(9_900);
    deepEqual(yard.ends(), ['one leaving']);
    yard.pass(200);
    equal(yard.ends()[0], 'one stayed');
  });

  it('gives a worker that is to go nothing in a pool that it joins meanwhile either', () => {
    const yard = new Yard({ workers: ['*'] }, [poolSettings(), poolSettings({ name: 'more' })]);
    const more = `more@${domain}`;
    yard.join(one);
    yard.start('maintenance', { pool: 'jobs' });
    yard.onlyTold();
    yard.join(one, { to: more });
    deepEqual(yard.deal(1, { to: more }), []);
    yard.pass(10_000);
    deepEqual(yard.ends(), ['one silent']);
    yard.out.take();
    deepEqual(yard.deal(1, { to: more }), ['one']);
  });

  it('waits with telling until it can be written', () => {
    const yard = new Yard();
    yard.join(one);
    yard.out.sent = 'congested';
    yard.start('maintenance', { pool: 'jobs' });
    yard.pass(5_000);
    deepEqual(yard.ends(), ['one draining']);
    yard.out.sent = 'sent';
    yard.pass(100);
    equal(yard.onlyTold().to, one);
  });

  it('says of a worker that left by itself that it is gone', () => {
    const yard = new Yard();
    for (const worker of [one, two]) yard.join(worker);
    yard.deal(2);
    yard.start('maintenance', { pool: 'jobs' });
    yard.leave(one);
    yard.pass(100);
    deepEqual(yard.ends(), ['one gone', 'two draining']);
    yard.leave(two);
    yard.pass(100);
    deepEqual(yard.ends(), ['one gone', 'two gone']);
  });

  it('takes one that says it is there for moved, even if nobody saw it leave', () => {
    const yard = new Yard();
    yard.join(one);
    yard.start('maintenance', { pool: 'jobs', to: 'node2.example:5222' });
    yard.answer(yard.onlyTold());
    yard.join(one, { show: 'away' });
    deepEqual(yard.ends(), ['one leaving']);
    yard.join(one, { wish: wish({ server: server('node2.example') }) });
    yard.pass(100);
    deepEqual(yard.ends(), ['one moved']);
    deepEqual(yard.deal(1), ['one']);
  });
});

describe('router: which workers are moved', () => {
  it('knows a host by what workers say, what was moved, what is configured, and the domain', () => {
    const yard = new Yard(
      { workers: ['*'], servers: [{ server: server('node3.example'), members: ['c@work.example'] }] },
      [poolSettings({ workers: ['*'] })],
    );
    yard.join('a@work.example/said', { wish: wish({ server: server('node1.example:5222') }) });
    yard.join('b@work.example/moved');
    yard.join('c@work.example/configured');
    yard.join('d@node1.example/domain');
    yard.join('e@work.example/unknown');
    const moved = (given: Record<string, unknown>): string[] => {
      const id = yard.start('maintenance', { batch: 100, ...given });
      const told = yard.told();
      for (const one of told) yard.follow(one);
      yard.pass(100);
      return yard.ends(id);
    };
    deepEqual(moved({ host: 'work.example' }), ['said moved', 'moved moved', 'configured moved', 'unknown moved']);
    yard.join('a@work.example/said', { wish: wish({ server: server('node1.example:5222') }) });
    deepEqual(moved({ host: 'node1.example' }), ['domain moved', 'said moved']);
    deepEqual(moved({ host: 'node3.example' }), ['configured moved']);
    yard.start('maintenance', { pool: 'jobs', to: 'node4.example', batch: 100 });
    for (const told of yard.told())
      yard.follow(told, told.to.startsWith('b@') ? {} : { wish: wish({ server: server('x') }) });
    yard.pass(100);
    deepEqual(moved({ host: 'node4.example:6222' }), ['moved moved']);
    const nobody = yard.router.perform('transfers.maintenance', admin, { host: 'node5.example' }, yard.now);
    deepEqual(nobody, { refused: 'transfer-nobody' });
  });

  it('moves a share of a server, the least busy first, and another for each that does not follow', () => {
    const yard = new Yard({ workers: ['*'], servers: [{ server: server('n1'), members: ['*'] }] });
    for (let n = 0; n < 10; n += 1) yard.join(`w@work.example/${n}`);
    yard.deal(5);
    yard.start('rebalance', { from: 'n1', to: 'n2', percent: 15, batch: 2 });
    const [first, second] = yard.told();
    ok(first !== undefined && second !== undefined);
    deepEqual([first.to, second.to], ['w@work.example/5', 'w@work.example/6']);
    yard.follow(first, { wish: wish({ server: server('n2') }) });
    yard.answer(second, 'not-allowed');
    yard.pass(100);
    // Two of ten, and one of them is moved already.
    yard.follow(yard.onlyTold(), { wish: wish({ server: server('n2') }) });
    yard.pass(100);
    deepEqual([yard.report().state, yard.report().results.moved, yard.report().results.refused], ['finished', 2, 1]);
    deepEqual(yard.told(), []);
  });

  it('tells a worker that joins where it belongs, unless it is there', () => {
    const yard = new Yard({
      workers: ['*'],
      rules: [{ server: server('home.example:5222'), members: ['w@work.example'] }],
    });
    yard.on(presence('x@work.example/other'));
    deepEqual(yard.told(), []);
    yard.on(presence(two, { wish: wish({ server: server('home.example') }) }));
    deepEqual(yard.told(), []);
    yard.on(presence(one));
    const told = yard.onlyTold();
    equal(told.to, one);
    deepEqual(yard.deal(2).includes('one'), false, 'it gets no work where it should not be');
    yard.follow(told);
    deepEqual(yard.ends('rules'), ['one moved']);
    yard.pass(1_000);
    deepEqual(yard.told(), [], 'it came by a transfer, so it is there');
  });

  it('is not led round in circles by a worker that says not where it is', () => {
    const yard = new Yard({ workers: ['*'], rules: [{ server: server('home.example'), members: ['*'] }] });
    for (const _ of [1, 2, 3]) {
      yard.on(presence(one));
      yard.follow(yard.onlyTold());
      yard.leave(one);
    }
    yard.on(presence(one));
    deepEqual(yard.told(), []);
    equal(yard.out.events.get('transfer-guarded'), 1);
    yard.leave(one);
    yard.pass(3_600_000);
    yard.on(presence(one));
    equal(yard.told().length, 1);
  });

  it('follows a reload', () => {
    const yard = new Yard({ workers: [] });
    yard.join(one);
    const transfers = { ...settings, workers: ['*'], rules: [{ server: server('home.example'), members: ['*'] }] };
    yard.router.reload(serviceSettings([poolSettings()], { transfers }), yard.now);
    yard.on(presence(two));
    equal(yard.onlyTold().to, two);
  });
});

describe('router: commands for transfers', () => {
  const refused = (yard: Yard, name: string, given: Record<string, unknown>, caller: Caller = admin) => {
    const result = yard.router.perform(name, caller, given, yard.now);
    ok('refused' in result, JSON.stringify(result));
    return [result.refused, result.field];
  };

  it('name what is wrong with their input, and do nothing', () => {
    const yard = new Yard();
    yard.join(one);
    const maintenance = 'transfers.maintenance';
    deepEqual(refused(yard, maintenance, {}), ['command-input', undefined]);
    deepEqual(refused(yard, maintenance, { pool: 'jobs', all: true }), ['command-input', undefined]);
    deepEqual(refused(yard, maintenance, { pool: 'nowhere' }), ['command-target', 'pool']);
    deepEqual(refused(yard, maintenance, { pool: 7 }), ['command-input', 'pool']);
    deepEqual(refused(yard, maintenance, { pool: 'jobs', to: 'not a host' }), ['command-input', 'to']);
    deepEqual(refused(yard, maintenance, { pool: 'jobs', batch: 0 }), ['command-input', 'batch']);
    deepEqual(refused(yard, maintenance, { pool: 'jobs', batch: '1e2' }), ['command-input', 'batch']);
    deepEqual(refused(yard, maintenance, { pool: 'jobs', pace: 1.5 }), ['command-input', 'pace']);
    deepEqual(refused(yard, maintenance, { pool: 'jobs', all: 'maybe' }), ['command-input', 'all']);
    deepEqual(refused(yard, maintenance, { pool: 'jobs', odd: 1 }), ['command-input', 'odd']);
    deepEqual(refused(yard, 'transfers.rebalance', { from: 'a', percent: 10 }), ['command-input', 'to']);
    deepEqual(refused(yard, 'transfers.rebalance', { from: 'a', to: 'b' }), ['command-input', 'percent']);
    deepEqual(refused(yard, 'transfers.rebalance', { from: 'a', to: 'b', percent: 101 }), ['command-input', 'percent']);
    deepEqual(refused(yard, 'transfers.show', { id: '1' }), ['transfer-unknown', undefined]);
    deepEqual(refused(yard, 'transfers.cancel', { id: 'rules' }), ['command-input', 'id']);
    deepEqual(refused(yard, 'no.such', {}), ['command-unknown', undefined]);
    deepEqual(refused(yard, maintenance, { pool: 'jobs' }, { role: 'owner', name: 'admin@example' }), [
      'command-forbidden',
      undefined,
    ]);
    deepEqual(yard.told(), []);
  });

  it('take texts of a form as well as JSON values', () => {
    const yard = new Yard();
    yard.join(one);
    yard.start('maintenance', { pool: '', host: '', all: '1', to: '', batch: '2', pace: '0', maxLost: '' });
    equal(yard.onlyTold().to, one);
  });

  it('list runs, the newest first, and forget the oldest', () => {
    const yard = new Yard();
    yard.join(one);
    for (let n = 0; n < 30; n += 1) {
      yard.start('maintenance', { pool: 'jobs' });
      yard.follow(yard.onlyTold());
      yard.pass(100);
    }
    const result = yard.router.perform('transfers.list', admin, {}, yard.now);
    ok('done' in result && 'runs' in result.done && Array.isArray(result.done.runs));
    const ids = result.done.runs.map((run: { id: string }) => run.id);
    deepEqual([ids.length, ids[0], ids.at(-2), ids.at(-1)], [21, '30', '11', 'rules']);
    const starts = result.done.runs.map((run: { started: string | null }) => run.started);
    // The rules have no beginning of their own.
    deepEqual([starts[0]?.slice(0, 4), starts.at(-1)], [new Date(yard.now).toISOString().slice(0, 4), null]);
  });

  it('refuse a worker that is on its way already, and more runs than may go on', () => {
    const yard = new Yard();
    for (const worker of [one, two]) yard.join(worker);
    yard.start('maintenance', { pool: 'jobs' });
    deepEqual(refused(yard, 'transfers.maintenance', { all: true }), ['transfer-nobody', undefined]);
    for (let n = 2; n <= 8; n += 1) {
      yard.join(`w@work.example/n${n}`);
      yard.start('maintenance', { all: true });
    }
    yard.join('w@work.example/n9');
    deepEqual(refused(yard, 'transfers.maintenance', { all: true }), ['transfer-busy', undefined]);
  });
});
