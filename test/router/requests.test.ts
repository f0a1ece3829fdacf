import { deepEqual, equal, ok } from 'node:assert/strict';
import type { IqRequest } from '../../src/core/envelope.ts';
import {
  domain,
  emptySnapshot,
  House,
  jobs,
  message,
  poolSettings,
  request,
  sender,
  serviceSettings,
} from './house.ts';

const worker = 'w@work.example/one';
const weighted = 'urn:xmpp:cmr:weighted';

function set(algorithm: string): IqRequest {
  return { name: 'cmr-set', algorithm };
}

describe('router: the algorithm of a pool (XEP-0354)', () => {
  it('tells the active algorithm and those on offer', () => {
    const house = new House(serviceSettings([poolSettings({ offer: ['all', 'roundrobin'] })]));
    deepEqual(house.on(request({ name: 'cmr-query' })), { kind: 'answered' });
    const [written] = house.out.take();
    deepEqual(written?.call === 'answer' && written.answer, {
      name: 'cmr',
      active: 'urn:xmpp:cmr:roundrobin',
      available: ['urn:xmpp:cmr:all', 'urn:xmpp:cmr:roundrobin'],
    });
  });

  it('changes it, and answers, when the commit is reported, and not before', () => {
    const house = new House();
    equal(house.on(request(set(weighted), { from: worker })), undefined);
    deepEqual(house.out.take(), []);
    equal(house.router.pools.get('jobs')?.algorithm, 'roundrobin');
    deepEqual(house.out.commits[0]?.change, {
      op: 'set-preference',
      pool: 'jobs',
      algorithm: 'weighted',
      replaced: 'roundrobin',
    });
    house.out.settle();
    equal(house.router.pools.get('jobs')?.algorithm, 'weighted');
    deepEqual(
      house.out.take().map((w) => w.call === 'answer' && w.answer),
      [{ name: 'empty' }],
    );
    deepEqual(
      house.out.outcomes.map(({ outcome }) => outcome),
      [{ kind: 'answered' }],
    );
  });

  it('refuses more changes than there is memory for while the disk does not answer', () => {
    const house = new House(serviceSettings([poolSettings()], { memory: 64 * 1024 }));
    const ends = Array.from({ length: 20 }, (_, n) =>
      house.on(request(set(weighted), { from: worker, id: `s${n}`, payload: 'x'.repeat(100) })),
    );
    const kept = ends.filter((end) => end === undefined).length;
    ok(kept > 0 && kept < 20, String(kept));
    deepEqual(ends.at(-1), { kind: 'bounced', reason: 'overloaded' });
    house.out.settle();
    equal(house.router.held.memory, 0);
    equal(house.out.take().length, 20);
    equal(house.on(request(set(weighted), { from: worker })), undefined);
  });

  it('keeps the old one when the store fails', () => {
    const house = new House();
    house.on(request(set(weighted), { from: worker }));
    house.out.settle(new Error('disk full'));
    equal(house.router.pools.get('jobs')?.algorithm, 'roundrobin');
    deepEqual(
      house.out.outcomes.map(({ outcome }) => outcome),
      [{ kind: 'bounced', reason: 'store-failed' }],
    );
  });

  it('keeps its place in the round when set to what it is', () => {
    const house = new House();
    for (const n of [1, 2, 3]) house.join(`w@work.example/${n}`);
    deepEqual(house.deal(1), ['1']);
    house.on(request(set('urn:xmpp:cmr:roundrobin'), { from: worker }));
    house.out.settle();
    house.out.take();
    deepEqual(house.deal(2), ['2', '3']);
  });

  it('refuses what it does not offer, what is malformed, and who may not', () => {
    const house = new House(serviceSettings([poolSettings({ offer: ['all', 'roundrobin', 'mostactive'] })]));
    const wrong: IqRequest = { name: 'wrong-element', namespace: 'urn:xmpp:cmr:0' };
    const refused = [
      [request(set(weighted), { from: worker }), 'cmr-not-offered'],
      [request(set('run:xmpp:cmr:forkalways'), { from: worker }), 'cmr-not-offered'],
      [request(set(''), { from: worker }), 'cmr-malformed'],
      [request(wrong, { from: worker }), 'cmr-malformed'],
      [request(set(weighted), { from: sender }), 'cmr-forbidden'],
      [request(set(weighted), { from: worker, to: domain }), 'cmr-service'],
      [request(set(weighted), { from: worker, to: `nothing@${domain}` }), 'unreachable'],
    ] as const;
    for (const [stanza, reason] of refused) deepEqual(house.on(stanza), { kind: 'bounced', reason });
    equal(house.out.commits.length, 0);
  });

  it('lets only those set whom the configuration names', () => {
    const may = (cmrSet: 'workers' | 'admins' | 'nobody', from: string): boolean => {
      const house = new House(serviceSettings([poolSettings({ cmrSet, owners: ['boss@far.example'] })]));
      return house.on(request(set(weighted), { from })) === undefined;
    };
    deepEqual(
      [may('workers', worker), may('workers', 'boss@far.example/x'), may('workers', 'admin@example/x')],
      [true, true, true],
    );
    deepEqual(
      [may('admins', worker), may('admins', 'boss@far.example/x'), may('admins', 'admin@example/x')],
      [false, true, true],
    );
    deepEqual(
      [may('nobody', worker), may('nobody', 'boss@far.example/x'), may('nobody', 'admin@example/x')],
      [false, false, false],
    );
  });

  it('survives a restart until the operator changes the file', () => {
    const preferences = [{ pool: 'jobs', algorithm: 'weighted', replaced: 'roundrobin' }] as const;
    const same = new House(serviceSettings([poolSettings()]), { ...emptySnapshot, preferences });
    equal(same.router.pools.get('jobs')?.algorithm, 'weighted');
    const changed = new House(serviceSettings([poolSettings({ algorithm: 'all' })]), { ...emptySnapshot, preferences });
    equal(changed.router.pools.get('jobs')?.algorithm, 'all');
    deepEqual(
      changed.out.notices.map(({ event }) => event),
      ['preference-overridden'],
    );
    deepEqual(
      changed.out.commits.map(({ change }) => change),
      [{ op: 'clear-preference', pool: 'jobs' }],
    );
  });

  it('tells a domain’s algorithms without an active one', () => {
    const house = new House();
    house.on(request({ name: 'cmr-query' }, { to: domain }));
    const [written] = house.out.take();
    equal(written?.call === 'answer' && written.answer.name === 'cmr' && written.answer.active, undefined);
  });
});

describe('router: other requests', () => {
  it('answers each request once, at the service, at a pool and at nothing alike', () => {
    const house = new House(serviceSettings([poolSettings({ senders: ['*@far.example'] })]));
    const cases = [
      [{ name: 'ping' }, domain, 'answered'],
      [{ name: 'ping' }, jobs, 'answered'],
      [{ name: 'version' }, domain, 'answered'],
      [{ name: 'disco-info', node: undefined }, domain, 'answered'],
      [{ name: 'disco-info', node: undefined }, jobs, 'answered'],
      [{ name: 'disco-items', node: undefined, page: undefined }, domain, 'answered'],
      [{ name: 'disco-items', node: undefined, page: undefined }, jobs, 'answered'],
      [{ name: 'disco-info', node: 'x' }, jobs, 'unknown-node'],
      [{ name: 'unknown', namespace: 'urn:x' }, domain, 'unknown-request'],
      [{ name: 'unknown', namespace: 'urn:x' }, jobs, 'unknown-request'],
      [{ name: 'wrong-element', namespace: 'urn:xmpp:ping' }, jobs, 'wrong-element'],
      [{ name: 'malformed', problem: 'no id' }, jobs, 'malformed-request'],
      [{ name: 'ping' }, `nothing@${domain}`, 'unreachable'],
      [{ name: 'ping' }, `${domain}/res`, 'unreachable'],
      [{ name: 'ping' }, `${jobs}/~nobody`, 'unreachable'],
      [{ name: 'ping' }, `${jobs}/${sender}`, 'unreachable'],
    ] as const;
    for (const [asked, to, end] of cases) {
      const outcome = house.on(request(asked, { to }));
      deepEqual(
        outcome,
        end === 'answered' ? { kind: 'answered' } : { kind: 'bounced', reason: end },
        `${asked.name} ${to}`,
      );
      equal(house.out.take().length, 1);
    }
  });

  it('says so where an answer would be too large, and counts what cannot be said', () => {
    const house = new House();
    house.out.answer = () => 'too-large';
    deepEqual(house.on(request({ name: 'disco-info', node: undefined })), { kind: 'bounced', reason: 'too-large' });
    house.out.bounce = () => 'too-large';
    deepEqual(house.on(request({ name: 'disco-info', node: undefined })), { kind: 'dropped', reason: 'shed' });
    deepEqual(house.on(message()), { kind: 'dropped', reason: 'shed' });
  });

  it('shows a stranger neither pools nor the difference between hidden and missing', () => {
    const house = new House(
      serviceSettings([poolSettings({ senders: ['*@far.example'] }), poolSettings({ name: 'open' })]),
    );
    const stranger = 'x@else.example/r';
    const items = (from: string): string[] => {
      house.on(request({ name: 'disco-items', node: undefined, page: undefined }, { from, to: domain }));
      const [written] = house.out.take();
      return written?.call === 'answer' && written.answer.name === 'disco-items'
        ? written.answer.items.map(({ jid }) => jid)
        : [];
    };
    deepEqual(items(stranger), [`open@${domain}`]);
    deepEqual(items(sender), [jobs, `open@${domain}`]);
    deepEqual(items('admin@example/x'), [jobs, `open@${domain}`]);
    const ends = [jobs, `nothing@${domain}`].map((to) => [
      house.on(request({ name: 'disco-info', node: undefined }, { from: stranger, to })),
      house.on(message({ from: stranger, to })),
    ]);
    deepEqual(ends[0], ends[1]);
    deepEqual(ends[0]?.[0], { kind: 'bounced', reason: 'unreachable' });
  });

  it('answers for a worker seen by its label and for a sender seen by its proxy', () => {
    const house = new House();
    house.join(worker);
    house.deal(1);
    deepEqual(house.on(request({ name: 'ping' }, { to: `${jobs}/~one` })), { kind: 'answered' });
    deepEqual(house.on(request({ name: 'disco-info', node: undefined }, { from: worker, to: `${jobs}/${sender}` })), {
      kind: 'answered',
    });
    deepEqual(house.on(request({ name: 'version' }, { to: `${jobs}/~one` })), {
      kind: 'bounced',
      reason: 'unknown-request',
    });
  });

  it('lists nothing below a label and a proxy, which is no error', () => {
    const house = new House();
    house.join(worker);
    house.deal(1);
    const items = { name: 'disco-items', node: undefined, page: undefined } as const;
    for (const ends of [{ to: `${jobs}/~one` }, { from: worker, to: `${jobs}/${sender}` }]) {
      house.out.take();
      deepEqual(house.on(request(items, ends)), { kind: 'answered' });
      const [written] = house.out.take();
      deepEqual(written?.call === 'answer' && written.answer, { ...items, items: [] });
      deepEqual(house.on(request({ ...items, node: 'x' }, ends)), { kind: 'bounced', reason: 'unknown-node' });
    }
    deepEqual(house.on(request(items, { to: `${jobs}/~none` })), { kind: 'bounced', reason: 'unreachable' });
  });
});
