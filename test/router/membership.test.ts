import { deepEqual, equal, ok } from 'node:assert/strict';
import type { StoredMember } from '../../src/core/durable-state.ts';
import type { WorkerWish } from '../../src/core/envelope.ts';
import {
  domain,
  emptySnapshot,
  House,
  jobs,
  message,
  poolSettings,
  presence,
  response,
  serviceSettings,
  storedMember,
} from './house.ts';

const one = 'w@work.example/one';
const two = 'w@work.example/two';

function restarted(members: readonly StoredMember[]): House {
  const house = new House(serviceSettings([poolSettings()]), { ...emptySnapshot, members });
  house.router.linkUp(house.now);
  return house;
}

/** The pings that stand in what was written, by the resource asked. */
function pings(house: House): Map<string, string> {
  const asked = new Map<string, string>();
  for (const written of house.out.take()) {
    if (written.call === 'ping') asked.set(written.to.slice(written.to.indexOf('/') + 1), written.id);
  }
  return asked;
}

describe('router: joining, updating and leaving', () => {
  it('answers a join with the presence of the pool, which says what the worker should know', () => {
    const house = new House();
    deepEqual(house.on(presence(one, { id: 'j1' })), { kind: 'consumed' });
    const [answer, ping] = house.out.take();
    deepEqual(answer, {
      call: 'presence',
      presence: {
        from: jobs,
        to: one,
        id: 'j1',
        type: 'available',
        status: 'You are worker one of jobs.',
        caps: { node: 'urn:x-switchyard:pool', version: 'v8' },
        error: undefined,
      },
    });
    deepEqual(ping, { call: 'ping', from: jobs, to: one, id: 'id-1' });
    deepEqual(house.out.commits[0]?.change, {
      op: 'put-member',
      pool: 'jobs',
      jid: one,
      label: 'one',
      sequence: 1,
      priority: 0,
      show: 'online',
      weight: undefined,
      capacity: undefined,
      drain: false,
      pings: undefined,
      seen: house.now,
    });
  });

  it('says why a worker gets nothing', () => {
    const house = new House();
    const status = (changes: Parameters<typeof presence>[1]): string | undefined => {
      house.on(presence(one, { id: 'x', ...changes }));
      const written = house.out.take().find(({ call }) => call === 'presence');
      return written?.call === 'presence' ? written.presence.status : undefined;
    };
    ok(status({ priority: -1 })?.includes('negative'));
    ok(status({ show: 'dnd' })?.includes('dnd'));
    const wish = {
      weight: undefined,
      capacity: undefined,
      label: undefined,
      drain: true,
      problem: 'weight must be 1 to 1000',
    };
    const text = status({ wish });
    ok(text?.includes('draining') && text.includes('weight must be 1 to 1000'), text);
  });

  it('keeps a capacity, tells it, limits nothing by it, and has it still after a restart', () => {
    const house = new House();
    const none = { weight: undefined, capacity: undefined, label: undefined, drain: false, problem: undefined };
    const say = (capacity: number | undefined): string | undefined => {
      house.on(presence(one, { id: 'x', wish: { ...none, capacity } }));
      const told = house.out.take().find(({ call }) => call === 'presence');
      return told?.call === 'presence' ? told.presence.status : undefined;
    };
    const lastStored = (): StoredMember | undefined => {
      const put = house.out.commits.map(({ change }) => change).findLast(({ op }) => op === 'put-member');
      return put?.op === 'put-member' ? put : undefined;
    };
    ok(say(1)?.includes('your capacity of 1 is noted'));
    equal(lastStored()?.capacity, 1);
    for (let n = 0; n < 3; n += 1) equal(house.on(message())?.kind, 'forwarded');
    const row = lastStored();
    house.out.take();
    equal(say(undefined)?.includes('capacity'), false);
    equal(lastStored()?.capacity, undefined);

    ok(row !== undefined);
    const later = restarted([row]);
    const [member] = later.router.pools.get('jobs')?.roster ?? [];
    equal(member?.capacity, 1);
  });

  it('tells a worker at once what it did not know: its label, what is wrong with its wishes, its weight', () => {
    const house = new House(serviceSettings([poolSettings({ algorithm: 'weighted' })]));
    const statuses = (wish: WorkerWish): string[] => {
      house.on(presence(one, { wish }));
      return house.out
        .take()
        .flatMap((written) => (written.call === 'presence' ? [written.presence.status ?? ''] : []));
    };
    const plain = { weight: undefined, capacity: undefined, label: undefined, drain: false, problem: undefined };
    deepEqual(statuses(plain), ['You are worker one of jobs; your weight is 1.']);
    deepEqual(statuses({ ...plain, label: 'uno' }), ['You are worker uno of jobs; your weight is 1.']);
    deepEqual(statuses({ ...plain, label: 'uno' }), []);
    deepEqual(statuses({ ...plain, label: 'uno', weight: 3 }), ['You are worker uno of jobs; your weight is 3.']);
    deepEqual(statuses({ ...plain, problem: 'odd' }), ['You are worker uno of jobs; your weight is 1; ignored: odd.']);
    deepEqual(statuses({ ...plain, problem: 'odd' }), []);
    equal(statuses({ ...plain, capacity: 2, problem: 'odd' }).length, 1);
    deepEqual(statuses(plain), ['You are worker uno of jobs; your weight is 1.']);
  });

  it('does not keep a client busy that answers every presence with one', () => {
    const house = new House();
    house.on(presence(one));
    house.out.take();
    for (let n = 0; n < 20; n += 1) house.on(presence(one, { id: `again-${n}` }));
    deepEqual(house.out.take(), []);
    house.now += 1_000;
    house.on(presence(one, { id: 'later' }));
    equal(house.out.take().length, 1);
  });

  it('makes labels unique and free of odd characters', () => {
    const house = new House();
    for (const jid of ['a@work.example/n 1', 'b@work.example/n 1', 'c@work.example/zoë']) house.join(jid);
    const labels = [...(house.router.pools.get('jobs')?.roster ?? [])].map(({ label }) => label);
    deepEqual(labels, ['n-1', 'n-1-2', 'zo-']);
  });

  it('refuses those who may not join, and tells strangers nothing', () => {
    const house = new House(serviceSettings([poolSettings({ senders: ['*@far.example'] })]));
    const refused = [
      [presence('sensor@far.example/r'), 'join-forbidden'],
      [presence('x@else.example/r'), 'join-unreachable'],
      [presence('w@work.example/r', { to: `nothing@${domain}` }), 'join-unreachable'],
      [presence('w@work.example'), 'join-needs-resource'],
      [presence('w@work.example/n', { to: `${jobs}/nick`, muc: true }), 'join-at-resource'],
      [presence('w@work.example/n', { to: `${jobs}/зоя 🐝`, muc: true }), 'join-at-resource'],
      [presence('x@else.example/n', { to: `${jobs}/зоя`, muc: true }), 'join-unreachable'],
      [presence('x@else.example/n', { to: `${jobs}/nick`, muc: true }), 'join-unreachable'],
    ] as const;
    for (const [stanza, reason] of refused) {
      deepEqual(house.on(stanza), { kind: 'bounced', reason });
      equal(house.out.take().length, 1);
    }
    equal(house.router.pools.get('jobs')?.roster.size, 0);
  });

  it('never sends a presence error to a member', () => {
    const house = new House();
    house.join(one);
    house.on(presence(one, { to: `${jobs}/nick`, muc: true }));
    house.on(presence(one, { type: 'invalid' }));
    house.on(presence(one, { type: 'error' }));
    ok(house.out.take().every((written) => written.call !== 'presence' || written.presence.type !== 'error'));
  });

  it('takes all resources of an account out when its bare JID leaves', () => {
    const house = new House();
    house.join(one);
    house.join(two);
    house.join('v@work.example/x');
    house.on(presence('w@work.example', { type: 'unavailable' }));
    deepEqual(house.deal(2), ['x', 'x']);
  });
});

describe('router: members across a restart', () => {
  it('shows itself to each, asks the newest first, and uses who answers', () => {
    const house = restarted([storedMember(one, { seen: 1 }), storedMember(two, { seen: 2, sequence: 2 })]);
    const written = house.out.take();
    deepEqual(
      written.map((w) =>
        w.call === 'presence' ? `presence ${w.presence.to}` : w.call === 'ping' ? `ping ${w.to}` : w.call,
      ),
      [`presence ${two}`, `ping ${two}`, `presence ${one}`, `ping ${one}`],
    );
    house.on(response(two, 'id-1'));
    deepEqual(house.deal(2), ['two', 'two']);
  });

  it('takes nobody else’s answer for the one that it waits for', () => {
    const house = restarted([storedMember(one)]);
    deepEqual(house.on(response(two, 'id-1')), { kind: 'dropped', reason: 'response-unmatched' });
    deepEqual(house.on(response(one, 'id-2')), { kind: 'dropped', reason: 'response-unmatched' });
  });

  it('lets messages wait two seconds for workers to be verified, in order', () => {
    const house = restarted([storedMember(one), storedMember(two, { sequence: 2 })]);
    const asked = pings(house);
    for (const id of ['a', 'b', 'c']) deepEqual(house.on(message({ id })), { kind: 'queued' });
    deepEqual(house.out.take(), []);
    house.on(response(one, asked.get('one') ?? ''));
    const given = house.out.take().map((w) => (w.call === 'forward' ? `${w.message.id} ${w.to}` : w.call));
    deepEqual(given, [`a ${one}`, `b ${one}`, `c ${one}`]);
    equal(house.out.events.get('waited-forwarded'), 3);
  });

  it('removes a member whose pings used to be answered and come back as an error', () => {
    const house = restarted([storedMember(one)]);
    house.on(message());
    house.on(response(one, 'id-1', { error: { condition: 'service-unavailable', type: 'cancel' } }));
    equal(house.router.pools.get('jobs')?.roster.size, 0);
    deepEqual(
      house.out.take().filter(({ call }) => call === 'bounce').length,
      1,
      'who waited hears that there is no worker',
    );
  });

  it('keeps a member that never answered pings as a last resort, until the grace is over', () => {
    const house = restarted([storedMember(one, { pings: false })]);
    house.on(response(one, 'id-1', { error: { condition: 'service-unavailable', type: 'cancel' } }));
    house.out.take();
    deepEqual(house.deal(1), ['one']);
    house.join(two);
    deepEqual(house.deal(2), ['two', 'two']);
    house.pass(300_000);
    equal(house.router.pools.get('jobs')?.roster.size, 1);
  });

  it('takes an error that only a living client makes for an answer', () => {
    const house = restarted([storedMember(one, { pings: false })]);
    house.on(response(one, 'id-1', { error: { condition: 'feature-not-implemented', type: 'cancel' } }));
    equal(house.router.pools.get('jobs')?.candidates.verified, 1);
  });

  it('holds a silent member for unverified after five seconds, and lets those who wait go after two', () => {
    const house = restarted([storedMember(one)]);
    house.on(message());
    house.out.take();
    house.pass(1_900);
    deepEqual(house.out.take(), []);
    house.pass(200);
    deepEqual(
      house.out.take().map(({ call }) => call),
      ['forward'],
    );
    house.pass(3_000);
    equal(house.out.events.get('member-unverified'), 1);
    house.on(presence(one));
    equal(house.router.pools.get('jobs')?.candidates.verified, 1);
  });

  it('keeps those who wait while the link is down, and serves them once it is back', () => {
    const house = restarted([storedMember(one)]);
    house.on(message());
    house.router.linkDown();
    house.out.take();
    house.pass(10_000);
    deepEqual(house.out.take(), []);
    house.router.linkUp(house.now);
    house.answerPings();
    equal(house.out.events.get('waited-forwarded'), 1);
  });

  it('asks at most 200 members a second', () => {
    const members = Array.from({ length: 1000 }, (_, n) => storedMember(`w@work.example/${n}`, { sequence: n + 1 }));
    const house = restarted(members);
    let asked = pings(house).size;
    for (let second = 0; second < 5; second += 1) {
      house.pass(1_000);
      const more = pings(house).size;
      ok(more <= 200, String(more));
      asked += more;
    }
    equal(asked, 1000);
  });

  it('forgets members that the configuration no longer lets work', () => {
    const house = restarted([storedMember('gone@other.example/x')]);
    equal(house.router.pools.get('jobs')?.roster.size, 0);
    deepEqual(house.out.commits[0]?.change, { op: 'remove-member', pool: 'jobs', jid: 'gone@other.example/x' });
    const told = house.out.take().map((w) => w.call === 'presence' && [w.presence.to, w.presence.type]);
    deepEqual(told, [['gone@other.example/x', 'unavailable']]);
  });

  it('turns those who wait away when the service shuts down', () => {
    const house = restarted([storedMember(one)]);
    house.on(message());
    house.out.take();
    house.router.drain();
    deepEqual(
      house.out.take().map((w) => (w.call === 'bounce' ? w.code : w.call)),
      ['shutting-down'],
    );
    deepEqual(house.on(message()), { kind: 'bounced', reason: 'shutting-down' });
  });

  it('counts a membership write that failed, refuses nothing, and writes again', () => {
    const house = new House();
    house.on(presence(one));
    house.on(presence(two));
    house.out.settle(new Error('disk full'));
    equal(house.out.events.get('write-failed'), 2);
    deepEqual(house.deal(1), ['one']);
    house.on(presence(two, { type: 'unavailable' }));
    house.out.settle(new Error('disk full'));
    house.pass(200);
    const again = house.out.commits.map(({ change }) => [change.op, 'jid' in change && change.jid]);
    deepEqual(
      again.filter(([op]) => op !== 'put-conversation'),
      [
        ['put-member', one],
        ['remove-member', two],
      ],
    );
  });
});
