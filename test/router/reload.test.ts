import { deepEqual, equal, ok } from 'node:assert/strict';
import type { PoolSettings, ServiceSettings } from '../../src/core/settings.ts';
import {
  domain,
  emptySnapshot,
  House,
  jobs,
  message,
  poolSettings,
  presence,
  request,
  sender,
  serviceSettings,
} from './house.ts';

const one = 'w@work.example/1';
const two = 'w@work.example/2';
const weighted = { name: 'cmr-set', algorithm: 'urn:xmpp:cmr:weighted' } as const;

/** A house whose configuration can change. */
class ReloadHouse extends House {
  /** Goes over to one pool, `jobs`, with these changes. */
  reload(changes: Partial<PoolSettings> = {}, service: Partial<ServiceSettings> = {}): void {
    this.router.reload(serviceSettings([poolSettings(changes)], service), this.now);
  }

  /** The presences that were written since, as `type to: status`. */
  told(): string[] {
    return this.out.take().flatMap((written) => {
      if (written.call !== 'presence') return [];
      const { type, to, status } = written.presence;
      return [`${type} ${to}: ${status ?? ''}`];
    });
  }

  /** The reasons of the errors that were written since, by receiver. */
  refused(): string[] {
    return this.out
      .take()
      .flatMap((written) => (written.call === 'bounce' ? [`${written.stanza.from ?? ''} ${written.code}`] : []));
  }

  /** What was stored since; that labels stay with those who left is told elsewhere. */
  stored(): unknown[] {
    return this.out.commits
      .splice(0)
      .map(({ change }) => change)
      .filter(({ op }) => op !== 'put-label');
  }

  get pool() {
    return this.router.pools.get('jobs');
  }

  algorithm(): string | undefined {
    return this.pool?.algorithm;
  }

  setWeighted(): void {
    this.on(request(weighted, { from: one }));
    this.out.settle();
    this.out.take();
    equal(this.algorithm(), 'weighted');
  }
}

function staffed(changes: Partial<PoolSettings> = {}): ReloadHouse {
  const house = new ReloadHouse(serviceSettings([poolSettings(changes)]));
  house.router.linkUp(house.now);
  for (const worker of [one, two, 'w@work.example/3']) house.join(worker);
  house.out.settle();
  return house;
}

/** A house where a message waits for a restored member, and the link is lost. */
function waitingWithoutLink(): ReloadHouse {
  const house = new ReloadHouse(serviceSettings([poolSettings()]), { ...emptySnapshot, members: staffedRows() });
  house.router.linkUp(house.now);
  deepEqual(house.on(message()), { kind: 'queued' });
  house.router.linkDown();
  house.out.take();
  house.out.sent = 'link-down';
  return house;
}

describe('router: reload', () => {
  it('of the same settings changes nothing and tells nobody', () => {
    const house = staffed();
    house.setWeighted();
    house.on(request({ ...weighted, algorithm: 'urn:xmpp:cmr:roundrobin' }, { from: one }));
    house.out.settle();
    deepEqual(house.deal(1), ['1']);
    house.pass(100);
    house.stored();
    house.reload();
    deepEqual(house.out.take(), []);
    deepEqual(house.stored(), []);
    deepEqual(house.deal(3), ['2', '3', '1']);
  });

  it('keeps messages that wait, and lets them go on', () => {
    const [change] = staffedRows();
    const house = new ReloadHouse(serviceSettings([poolSettings()]), { ...emptySnapshot, members: [change] });
    house.router.linkUp(house.now);
    deepEqual(house.on(message()), { kind: 'queued' });
    house.reload({ senders: ['boss@far.example'], algorithm: 'mostactive' });
    house.answerPings();
    equal(house.out.events.get('waited-forwarded'), 1);
  });

  it('opens a pool', () => {
    const house = staffed();
    const video = `video@${domain}`;
    deepEqual(house.on(message({ to: video })), { kind: 'bounced', reason: 'unreachable' });
    house.router.reload(serviceSettings([poolSettings(), poolSettings({ name: 'video' })]), house.now);
    house.on(presence('v@work.example/x', { to: video }));
    house.out.take();
    deepEqual(house.on(message({ to: video })), { kind: 'forwarded' });
  });

  it('closes a pool: members hear it, who waits is answered, and its address is nothing any more', () => {
    const house = staffed();
    house.setWeighted();
    house.stored();
    house.router.reload(serviceSettings([]), house.now);
    deepEqual(
      house.told(),
      ['1', '2', '3'].map((n) => `unavailable w@work.example/${n}: This pool is closed.`),
    );
    deepEqual(house.stored(), [
      ...[one, two, 'w@work.example/3'].map((jid) => ({ op: 'remove-member', pool: 'jobs', jid })),
      { op: 'clear-preference', pool: 'jobs' },
      { op: 'expire-conversations', pool: 'jobs', before: house.now + 1 },
    ]);
    deepEqual(house.on(message()), { kind: 'bounced', reason: 'unreachable' });
    deepEqual(house.on(presence(one)), { kind: 'bounced', reason: 'join-unreachable' });
    equal(house.out.events.get('member-dismissed'), 3);
    deepEqual(house.out.notices.at(-1)?.event, 'pool-closed');
    house.reload();
    equal(house.algorithm(), 'roundrobin');
    deepEqual(house.on(message()), { kind: 'bounced', reason: 'no-worker' });
  });

  it('answers who waits in a pool that closes, and loses no other', () => {
    const house = new ReloadHouse(serviceSettings([poolSettings()]), { ...emptySnapshot, members: staffedRows() });
    house.router.linkUp(house.now);
    deepEqual(house.on(message()), { kind: 'queued' });
    house.out.take();
    house.router.reload(serviceSettings([]), house.now);
    deepEqual(house.refused(), [`${sender} unreachable`]);
  });

  it('answers who waits in a pool that closes without a link, once there is one', () => {
    const house = waitingWithoutLink();
    house.router.reload(serviceSettings([]), house.now);
    house.pass(5_000);
    deepEqual(house.refused(), []);
    house.out.sent = 'sent';
    house.router.linkUp(house.now);
    deepEqual(house.refused(), [`${sender} unreachable`]);
    equal(house.out.events.get('waited-bounced'), 1);
    equal(house.router.held.memory, 0);
    house.router.linkUp(house.now);
    deepEqual(house.refused(), []);
  });

  it('says how many are lost when it ends without a link', () => {
    const house = waitingWithoutLink();
    house.router.reload(serviceSettings([]), house.now);
    house.router.drain();
    equal(house.out.events.get('waited-dropped'), 1);
    const lost = house.out.notices.find(({ event }) => event === 'waiting-lost');
    deepEqual(lost?.detail, { untold: 1 });
    const other = waitingWithoutLink();
    other.router.drain();
    deepEqual(other.out.notices.find(({ event }) => event === 'waiting-lost')?.detail, { untold: 1 });
  });

  it('licenses nobody to answer senders of a pool that was closed and opened again', () => {
    const house = staffed();
    deepEqual(house.deal(1), ['1']);
    house.router.reload(serviceSettings([]), house.now);
    house.reload();
    house.join(one);
    deepEqual(house.on(message({ from: one, to: `${jobs}/${sender}` })), { kind: 'bounced', reason: 'relay-refused' });
  });

  it('takes out members that may not work any more, and no others', () => {
    const house = staffed();
    house.stored();
    house.reload({ workers: [two, 'w@work.example/3'] });
    deepEqual(house.told(), [`unavailable ${one}: You may not work in this pool any more.`]);
    deepEqual(house.stored(), [{ op: 'remove-member', pool: 'jobs', jid: one }]);
    deepEqual(house.deal(3), ['2', '3', '2']);
    deepEqual(house.on(presence(one)), { kind: 'bounced', reason: 'join-forbidden' });
  });

  it('tells them once there is a link, when there was none', () => {
    const house = staffed();
    house.router.linkDown();
    house.out.sent = 'link-down';
    house.reload({ workers: [two] });
    house.out.sent = 'sent';
    house.router.linkUp(house.now);
    ok(house.told().includes(`unavailable ${one}: You may not work in this pool any more.`));
  });

  it('takes out members that did not join as the pool now wants it', () => {
    const house = staffed();
    house.reload({ join: 'subscription' });
    equal(house.told().filter((line) => line.startsWith('unavailable')).length, 3);
    deepEqual(house.on(message()), { kind: 'bounced', reason: 'no-worker' });
  });

  it('ends subscriptions of those for whom there is nothing any more', () => {
    const house = staffed();
    house.on(presence('sensor@far.example', { type: 'subscribe' }));
    house.out.settle();
    house.out.take();
    house.reload({ senders: ['boss@far.example'] });
    house.out.settle();
    deepEqual(house.told(), ['unsubscribed sensor@far.example: ', 'unavailable sensor@far.example: ']);
  });

  it('is obeyed by the very next message', () => {
    const house = staffed();
    house.reload({ senders: ['boss@far.example'] });
    deepEqual(house.on(message()), { kind: 'bounced', reason: 'unreachable' });
    house.reload({ headline: 'reject' });
    deepEqual(house.on(message({ type: 'headline' })), { kind: 'bounced', reason: 'headline-refused' });
    house.reload({ algorithm: 'all', fanoutMax: 2 });
    deepEqual(house.on(message()), { kind: 'bounced', reason: 'fan-out' });
    house.reload({ algorithm: 'all', fanoutMax: 3 });
    deepEqual(house.on(message()), { kind: 'forwarded' });
    house.reload({ replyWindow: 60_000 });
    house.pass(60_100);
    deepEqual(house.on(message({ from: one, to: `${jobs}/${sender}` })), { kind: 'bounced', reason: 'relay-refused' });
    house.reload({}, { admins: ['root@far.example'] });
    equal(house.on(request(weighted, { from: 'root@far.example/x' })), undefined);
  });

  it('hides senders from the next message on, and shows them again', () => {
    const house = staffed();
    const from = (): (string | undefined)[] => {
      house.on(message());
      house.out.settle();
      return house.out.take().flatMap((written) => (written.call === 'forward' ? [written.from] : []));
    };
    deepEqual(from(), [`${jobs}/${sender}`]);
    house.reload({ identity: 'alias' });
    const [hidden] = from();
    ok(hidden?.startsWith(`${jobs}/!`) === true, String(hidden));
    deepEqual(house.on(message({ from: one, to: `${jobs}/${sender}` })), { kind: 'bounced', reason: 'relay-refused' });
    house.reload();
    deepEqual(from(), [`${jobs}/${sender}`]);
    house.out.take();
    deepEqual(house.on(message({ from: one, to: hidden })), { kind: 'relayed' });
  });

  it('counts rates by the new bounds', () => {
    const house = staffed();
    const perSender = { count: 1, period: 60_000, burst: 1 };
    const rate = { perSender, perDomain: undefined, perWorker: undefined };
    house.reload({ rate });
    deepEqual(house.on(message()), { kind: 'forwarded' });
    deepEqual(house.on(message()), { kind: 'bounced', reason: 'rate-sender' });
    house.reload({ algorithm: 'mostactive', rate });
    deepEqual(house.on(message()), { kind: 'bounced', reason: 'rate-sender' });
    house.reload();
    deepEqual(house.on(message()), { kind: 'forwarded' });
  });

  it('looks up the weights again', () => {
    const house = staffed({ algorithm: 'weighted' });
    house.reload({ algorithm: 'weighted', weights: { [one]: 2 } });
    deepEqual(house.told(), [`available ${one}: You are worker 1 of jobs; your weight is 2.`]);
    deepEqual(house.deal(4).sort(), ['1', '1', '2', '3']);
  });

  it('tells members when the pool can do something else', () => {
    const house = staffed();
    house.reload({ cmrHints: [] });
    equal(house.told().length, 3);
    house.reload({ cmrHints: [] });
    equal(house.told().length, 0);
  });

  it('counts what is in flight by the new window', () => {
    const house = staffed({ algorithm: 'mostactive', workWindow: 3_600_000 });
    const inFlight = (): number[] => [...(house.pool?.roster ?? [])].map((member) => member.inFlight(house.now));
    house.deal(3);
    house.reload({ algorithm: 'mostactive', workWindow: 1_000 });
    deepEqual(inFlight(), [1, 1, 1]);
    house.pass(2_000);
    deepEqual(inFlight(), [0, 0, 0]);
  });
});

describe('router: reload and an algorithm that a client set', () => {
  const overridden = (house: ReloadHouse): number =>
    house.out.notices.filter(({ event }) => event === 'preference-overridden').length;

  it('stays while the file says what it said', () => {
    const house = staffed();
    house.setWeighted();
    house.reload({ headline: 'reject' });
    equal(house.algorithm(), 'weighted');
    equal(overridden(house), 0);
  });

  it('gives way when the operator changes the file, and that is said', () => {
    const house = staffed();
    house.setWeighted();
    house.stored();
    house.reload({ algorithm: 'mostactive' });
    equal(house.algorithm(), 'mostactive');
    equal(overridden(house), 1);
    deepEqual(house.stored(), [{ op: 'clear-preference', pool: 'jobs' }]);
  });

  it('gives way when the pool does not offer it any more', () => {
    const house = staffed();
    house.setWeighted();
    house.reload({ offer: ['all', 'roundrobin'] });
    equal(house.algorithm(), 'roundrobin');
    equal(overridden(house), 1);
  });

  it('gives way also when its commit is reported after the reload', () => {
    const house = staffed();
    house.stored();
    house.on(request(weighted, { from: one }));
    house.reload({ algorithm: 'mostactive' });
    house.out.settle();
    equal(house.algorithm(), 'mostactive');
    equal(overridden(house), 1);
  });
});

describe('router: reload and memory', () => {
  it('refuses more at once under a lower limit, and takes more under a higher one', () => {
    const house = new ReloadHouse(serviceSettings([poolSettings()]), { ...emptySnapshot, members: staffedRows() });
    house.router.linkUp(house.now);
    const large = () => house.on(message({ size: 1_000_000 }));
    deepEqual(large(), { kind: 'queued' });
    house.reload({}, { memory: 1024 * 1024 });
    deepEqual(large(), { kind: 'bounced', reason: 'overloaded' });
    house.reload({}, { memory: 64 * 1024 * 1024 });
    deepEqual(large(), { kind: 'queued' });
  });
});

/** One member as the store keeps it. */
function staffedRows() {
  const row = { pool: 'jobs', jid: one, label: '1', sequence: 1, priority: 0, show: 'online' } as const;
  return [{ ...row, weight: undefined, capacity: undefined, drain: false, pings: true, seen: 0 }] as const;
}
