import { deepEqual, equal, ok } from 'node:assert/strict';
import type { StoredSubscription } from '../../src/core/durable-state.ts';
import type { PresenceEnvelope } from '../../src/core/envelope.ts';
import type { PoolSettings } from '../../src/core/settings.ts';
import { domain, emptySnapshot, House, jobs, poolSettings, presence, serviceSettings, storedMember } from './house.ts';

const worker = 'w@work.example';
const desk = `${worker}/desk`;
const watcher = 'sensor@far.example';

type Type = PresenceEnvelope['type'];

/** A house whose store reports at once, and what it says about presence, as `type from to`. */
class SubscriptionHouse extends House {
  say(from: string, type: Type, changes: Partial<PresenceEnvelope> = {}): string[] {
    this.on(presence(from, { type, ...changes }));
    return this.heard();
  }

  /** What was written since, with `jobs` for the pool's own address. */
  heard(): string[] {
    this.out.settle();
    return this.out.take().flatMap((written) => {
      if (written.call !== 'presence') return [];
      const { type, from, to } = written.presence;
      return [`${type} ${from === jobs ? '' : `${from} `}> ${to}`];
    });
  }

  /** Lets the clock run and returns what was said meanwhile. */
  wait(milliseconds: number): string[] {
    this.pass(milliseconds);
    return this.heard();
  }
}

function house(pool: Partial<PoolSettings> = {}, subscriptions: readonly StoredSubscription[] = []): SubscriptionHouse {
  const made = new SubscriptionHouse(serviceSettings([poolSettings({ join: 'subscription', ...pool })]), {
    ...emptySnapshot,
    subscriptions,
  });
  made.router.linkUp(made.now);
  return made;
}

/** A house that `worker` has joined by subscription, with its resource `desk` there. */
function joined(pool: Partial<PoolSettings> = {}): SubscriptionHouse {
  const made = house(pool);
  made.say(worker, 'subscribe');
  made.say(worker, 'subscribed');
  made.join(desk);
  return made;
}

describe('router: joining by subscription', () => {
  it('subscribes back to a worker, and takes its resources as members', () => {
    const made = house();
    deepEqual(made.say(worker, 'subscribe'), [
      `subscribed > ${worker}`,
      `unavailable > ${worker}`,
      `subscribe > ${worker}`,
    ]);
    deepEqual(made.say(worker, 'unavailable'), [], 'only an acknowledgement');
    deepEqual(made.say(worker, 'subscribed'), []);
    made.join(desk, { priority: 3 });
    made.join(`${worker}/phone`, { priority: -1 });
    deepEqual(made.deal(2), ['desk', 'desk']);
    made.on(presence(desk, { priority: -2 }));
    made.on(presence(`${worker}/phone`, { priority: 0 }));
    deepEqual(made.deal(1), ['phone']);
    made.say(`${worker}/phone`, 'unavailable');
    equal(made.router.pools.get('jobs')?.roster.size, 1);
    made.say(worker, 'unavailable');
    equal(made.router.pools.get('jobs')?.roster.size, 0);
  });

  it('answers only once the grant is on disk, and even when the disk fails', () => {
    const made = house();
    made.on(presence(worker, { type: 'subscribe' }));
    deepEqual(made.out.take(), []);
    deepEqual(
      made.out.commits.map(({ change }) => change),
      [{ op: 'put-subscription', pool: 'jobs', peer: worker, state: 'from', ask: true }],
    );
    made.out.settle(new Error('disk full'));
    equal(made.out.take().length, 3);
    equal(made.out.events.get('write-failed'), 1);
    made.pass(5_000);
    deepEqual(
      made.out.commits.map(({ change }) => change.op),
      ['put-subscription'],
    );
  });

  it('is idempotent: a subscribe that comes again is granted again, and asks again only after a minute', () => {
    const made = house();
    made.say(worker, 'subscribe');
    deepEqual(made.say(worker, 'subscribe'), [`subscribed > ${worker}`, `unavailable > ${worker}`]);
    made.now += 60_000;
    ok(made.say(worker, 'subscribe').includes(`subscribe > ${worker}`));
    made.say(worker, 'subscribed');
    made.now += 60_000;
    deepEqual(made.say(worker, 'subscribe'), [`subscribed > ${worker}`, `unavailable > ${worker}`]);
  });

  it('asks a worker again that has not answered for a day, and nobody else', () => {
    const made = joined();
    const silent = 'v@work.example';
    made.say(silent, 'subscribe');
    made.say(watcher, 'subscribe');
    made.wait(3_000);
    for (let hours = 0; hours < 23; hours += 1) {
      made.now += 3_600_000;
      deepEqual(
        made.wait(1_000).filter((line) => line.startsWith('subscribe ')),
        [],
      );
    }
    made.now += 2 * 3_600_000;
    const asked = [...made.wait(1_000), ...made.wait(1_000)];
    deepEqual(
      asked.filter((line) => line.startsWith('subscribe ')),
      [`subscribe > ${silent}`],
    );
    made.now += 3_600_000;
    deepEqual(
      made.wait(2_000).filter((line) => line.startsWith('subscribe ')),
      [],
    );
  });

  it('takes no presence for a join before the worker has agreed', () => {
    const made = house();
    deepEqual(made.on(presence(desk)), { kind: 'bounced', reason: 'join-needs-subscription' });
    deepEqual(made.on(presence(worker, { type: 'subscribed' })), { kind: 'dropped', reason: 'presence-ignored' });
    deepEqual(made.on(presence(desk)), { kind: 'bounced', reason: 'join-needs-subscription' });
    const both = house({ join: 'both' });
    deepEqual(both.on(presence(desk)), { kind: 'consumed' });
  });

  it('lets the account go when it withdraws, and keeps it when it only stops watching', () => {
    const made = joined();
    deepEqual(made.say(worker, 'unsubscribe'), [`unsubscribed > ${worker}`]);
    deepEqual(made.deal(1), ['desk']);
    deepEqual(made.say(worker, 'unsubscribed'), []);
    equal(made.router.pools.get('jobs')?.roster.size, 0);
    deepEqual(made.on(presence(desk)), { kind: 'bounced', reason: 'join-needs-subscription' });
  });

  it('never subscribes to a sender, nor to a worker of a pool that is joined by presence', () => {
    const sender = house();
    deepEqual(sender.say(watcher, 'subscribe'), [`subscribed > ${watcher}`, `unavailable > ${watcher}`]);
    deepEqual(sender.on(presence(`${watcher}/r`)), { kind: 'bounced', reason: 'join-forbidden' });
    const byPresence = house({ join: 'presence' });
    deepEqual(byPresence.say(worker, 'subscribe'), [`subscribed > ${worker}`, `unavailable > ${worker}`]);
  });

  it('takes a worker that leaves by itself out, also while its account is being asked', () => {
    const made = house({ join: 'both' });
    made.say(worker, 'subscribe');
    made.join(desk);
    made.say(worker, 'unavailable');
    equal(made.router.pools.get('jobs')?.roster.size, 1);
    made.say(desk, 'unavailable');
    equal(made.router.pools.get('jobs')?.roster.size, 0);
  });

  it('asks no bare domain to work: it has no resources', () => {
    const made = house({ workers: ['*'] });
    deepEqual(made.say('component.example', 'subscribe'), [
      'subscribed > component.example',
      'unavailable > component.example',
    ]);
  });

  it('probes its workers after a reconnect, asks again who has not answered, at most 200 a second', () => {
    const stored = Array.from({ length: 500 }, (_, n) => ({
      pool: 'jobs',
      peer: `w${n}@work.example`,
      state: n % 2 === 0 ? ('both' as const) : ('from' as const),
      ask: n % 2 === 1,
    }));
    const made = house({}, stored);
    const first = made.heard();
    ok(first.includes('probe > w0@work.example') && first.includes('subscribe > w1@work.example'), first.join());
    let total = first.length;
    for (let second = 0; second < 3; second += 1) {
      const said = made.wait(1_000).filter((line) => /^(probe|subscribe) /.test(line));
      ok(said.length <= 200, String(said.length));
      total += said.length;
    }
    equal(total, 500);
    made.join('w0@work.example/x');
    equal(made.router.pools.get('jobs')?.candidates.verified, 1);
  });

  it('unsubscribes from accounts that the configuration no longer allows, and from those of pools that are gone', () => {
    const made = house({ senders: ['nobody@else.example'] }, [
      { pool: 'jobs', peer: 'old@gone.example', state: 'both', ask: false },
      { pool: 'lost', peer: worker, state: 'both', ask: false },
      { pool: 'jobs', peer: worker, state: 'to', ask: false },
    ]);
    const lost = `lost@${domain}`;
    deepEqual(
      made.heard().sort(),
      [
        `probe > ${worker}`,
        `unavailable ${lost} > ${worker}`,
        `unavailable > old@gone.example`,
        `unsubscribe ${lost} > ${worker}`,
        `unsubscribe > old@gone.example`,
        `unsubscribed ${lost} > ${worker}`,
        `unsubscribed > old@gone.example`,
      ].sort(),
    );
    const presenceOnly = house({ join: 'presence' }, [{ pool: 'jobs', peer: worker, state: 'both', ask: false }]);
    deepEqual(presenceOnly.heard(), [`unsubscribe > ${worker}`]);
  });

  it('forgets stored members that were never subscribed to, where that is the way to join', () => {
    const member = storedMember(desk);
    const settings = serviceSettings([poolSettings({ join: 'subscription' })]);
    const without = new House(settings, { ...emptySnapshot, members: [member] });
    equal(without.router.pools.get('jobs')?.roster.size, 0);
    const subscriptions: StoredSubscription[] = [{ pool: 'jobs', peer: worker, state: 'to', ask: false }];
    const subscribed = new House(settings, { ...emptySnapshot, members: [member], subscriptions });
    equal(subscribed.router.pools.get('jobs')?.roster.size, 1);
  });
});

describe('router: subscribing to the availability of a pool', () => {
  it('shows a sender the pool coming and going', () => {
    const made = house({ join: 'presence' });
    made.say(watcher, 'subscribe');
    made.wait(3_000);
    made.join(desk);
    deepEqual(made.wait(1_500), [`available > ${watcher}`]);
    made.on(presence(desk, { show: 'dnd' }));
    made.out.take();
    deepEqual(made.wait(1_500), [`unavailable > ${watcher}`]);
    made.on(presence(desk));
    made.out.take();
    made.wait(1_500);
    made.say(desk, 'unavailable');
    deepEqual(made.wait(1_500), [`unavailable > ${watcher}`]);
    deepEqual(made.say(watcher, 'unsubscribe'), [`unsubscribed > ${watcher}`, `unavailable > ${watcher}`]);
    made.join(desk);
    deepEqual(made.wait(3_000), []);
  });

  it('answers the resource that probes, with its id', () => {
    const made = house();
    made.say(watcher, 'subscribe');
    made.on(presence(`${watcher}/r`, { type: 'probe', id: 'p1' }));
    const [written] = made.out.take();
    ok(written?.call === 'presence');
    const { to, id, type } = written.presence;
    deepEqual([to, id, type], [`${watcher}/r`, 'p1', 'unavailable']);
    deepEqual(made.say('other@far.example/r', 'probe'), ['unsubscribed > other@far.example/r']);
  });

  it('answers a probe to one of its resources about that resource, and a missing one as one that may not be known', () => {
    const made = house({ join: 'presence' });
    made.join('w@work.example/two');
    made.join(desk);
    made.out.take();
    made.say(watcher, 'subscribe');
    const probe = (to: string, from = `${watcher}/r`): unknown => {
      const outcome = made.on(presence(from, { to, type: 'probe', id: 'p2' }));
      const [written, ...others] = made.out.take();
      ok(written?.call === 'presence' && others.length === 0);
      const { from: by, to: whom, ...said } = written.presence;
      equal(whom, from);
      return [outcome?.kind, by, said];
    };
    const plain = { id: 'p2', status: undefined, error: undefined };
    const there = (to: string): unknown => ['consumed', to, { ...plain, type: 'available' }];
    const gone = (to: string): unknown => ['consumed', to, { ...plain, type: 'unavailable' }];
    const label = `${jobs}/~desk`;
    const missing = [`${jobs}/~none`, `${jobs}/sensor@far.example/r`, `${jobs}/!aaaa`, `${jobs}/nickname`];
    // Who has subscribed, and who works there, see who is there, and no more of him.
    for (const from of [`${watcher}/r`, 'w@work.example/two']) {
      deepEqual(probe(label, from), there(label));
      for (const to of missing) deepEqual(probe(to, from), gone(to));
    }
    made.on(presence(desk, { type: 'unavailable' }));
    deepEqual(probe(label), gone(label), 'its label is bound, and nobody is there');
    // To anybody else each is missing, as is a pool.
    made.join(desk);
    made.out.take();
    for (const to of [label, ...missing]) {
      const answers = [to, to.replace(jobs, `nothing@${domain}`)].map((address) => {
        const [kind, by, said] = probe(address, 'x@far.example/r') as [string, string, object];
        equal(by, address.slice(0, address.indexOf('/')));
        return [kind, said];
      });
      deepEqual(answers[0], answers[1]);
      equal(answers[0]?.[0], 'bounced');
    }
  });

  it('says to a probe since when the pool is unavailable, and to no other presence', () => {
    const made = house({ join: 'presence' });
    const probed = (): { type: string; since: number | undefined } => {
      made.on(presence(`${watcher}/r`, { type: 'probe', id: 'p1' }));
      const [written] = made.out.take();
      ok(written?.call === 'presence');
      return { type: written.presence.type, since: written.presence.since };
    };
    made.say(watcher, 'subscribe');
    deepEqual(probed(), { type: 'unavailable', since: undefined }, 'it never had a worker');
    made.join(desk);
    made.wait(3_000);
    deepEqual(probed(), { type: 'available', since: undefined });
    made.on(presence(desk, { show: 'dnd' }));
    const last = made.now;
    made.out.take();
    made.pass(5_000);
    const told = made.out.take().flatMap((written) => (written.call === 'presence' ? [written.presence] : []));
    deepEqual(
      told.map(({ type, since }) => ({ type, since })),
      [{ type: 'unavailable', since: undefined }],
      'who hears of it at once needs no time',
    );
    const { type, since = 0 } = probed();
    equal(type, 'unavailable');
    ok(since > last - 200 && since <= last, `${since - last} ms from the change`);
    made.on(presence('late@far.example', { type: 'subscribe' }));
    made.out.settle();
    const welcome = made.out.take().flatMap((written) => (written.call === 'presence' ? [written.presence] : []));
    deepEqual(
      welcome.map((said) => [said.type, said.since]),
      [
        ['subscribed', undefined],
        ['unavailable', undefined],
      ],
    );
    made.on(presence(desk));
    made.pass(3_000);
    made.out.take();
    made.say(desk, 'unavailable');
    const left = made.now;
    made.pass(60_000);
    made.out.take();
    const again = probed().since ?? 0;
    ok(again > left - 200 && again <= left, `${again - left} ms from the leave`);
  });

  it('tells the same to those who may not know of it, whether it exists or not', () => {
    const made = house({ senders: ['nobody@else.example'] });
    for (const type of ['subscribe', 'probe'] as const) {
      const answers = [jobs, `nothing@${domain}`].map((to) => {
        deepEqual(made.on(presence('x@far.example', { to, type, id: 'i' })), {
          kind: 'bounced',
          reason: 'subscribe-refused',
        });
        const [written] = made.out.take();
        ok(written?.call === 'presence' && written.presence.from === to);
        return { ...written.presence, from: '', id: '' };
      });
      deepEqual(answers[0], answers[1]);
    }
    deepEqual(made.out.commits, []);
  });

  it('counts a subscription to any address of the pool as one to the pool', () => {
    const made = house();
    for (const resource of ['~desk', watcher, 'зоя', '!x']) {
      const to = `${jobs}/${resource}`;
      deepEqual(
        made.say(watcher, 'subscribe', { to }),
        [`subscribed > ${watcher}`, `unavailable > ${watcher}`],
        resource,
      );
    }
  });

  it('makes one change a second of a worker that flaps, and the last state wins', () => {
    const made = house({ join: 'presence' });
    made.say(watcher, 'subscribe');
    made.wait(3_000);
    for (let n = 0; n < 100; n += 1) {
      made.on(presence(desk, { type: n % 2 === 0 ? 'available' : 'unavailable' }));
      made.pass(100);
    }
    const told = made.heard().filter((line) => line.endsWith(watcher));
    ok(told.length <= 10, String(told.length));
    made.wait(2_000);
    made.on(presence(desk));
    deepEqual(
      made.wait(2_000).filter((line) => line.endsWith(watcher)),
      [`available > ${watcher}`],
    );
  });

  it('spreads what it tells many subscribers, and a busy pool does not hold up another', () => {
    const pools = ['jobs', 'mail'].map((name) => poolSettings({ name }));
    const subscriptions = ['jobs', 'mail'].flatMap((pool) =>
      Array.from({ length: 500 }, (_, n): StoredSubscription => {
        return { pool, peer: `s${n}@far.example`, state: 'from', ask: false };
      }),
    );
    const made = new SubscriptionHouse(serviceSettings(pools), { ...emptySnapshot, subscriptions });
    made.router.linkUp(made.now);
    deepEqual(made.wait(1_900), [], 'not before the members are verified');
    const first = made.wait(100);
    equal(first.length, 100);
    equal(first.filter((line) => line.includes('mail@')).length, 40);
    equal(made.wait(1_000).length, 900);
    deepEqual(made.wait(5_000), []);
  });

  it('never turns unavailable to an account that works in it', () => {
    const made = house({ join: 'presence' });
    made.say(worker, 'subscribe');
    made.wait(3_000);
    made.join(desk, { priority: -1 });
    deepEqual(made.wait(2_000), [`available > ${worker}`]);
    deepEqual(made.say(worker, 'unsubscribe'), [`unsubscribed > ${worker}`]);
  });

  it('refuses more subscriptions than a domain, a pool or the memory may have, and says why', () => {
    const made = house();
    for (let n = 0; n < 10_000; n += 1) made.say(`s${n}@far.example`, 'subscribe');
    deepEqual(made.on(presence('late@far.example', { type: 'subscribe' })), {
      kind: 'bounced',
      reason: 'subscribe-full',
    });
    const [written] = made.out.take();
    ok(written?.call === 'presence' && written.presence.type === 'unsubscribed');
    ok(written.presence.status?.includes('Try again later'));
    deepEqual(made.say('s1@far.example', 'subscribe').length, 2, 'who is known stays known');
    made.say('s1@far.example', 'unsubscribe');
    deepEqual(made.on(presence('late@far.example', { type: 'subscribe' })), { kind: 'consumed' });

    const pool = house();
    for (let n = 0; n < 10_000; n += 1) pool.say(`s${n}@h${n % 2}.example`, 'subscribe');
    deepEqual(pool.on(presence('late@h2.example', { type: 'subscribe' })), {
      kind: 'bounced',
      reason: 'subscribe-full',
    });

    const small = new House(serviceSettings([poolSettings()], { memory: 4_000 }));
    const ends = Array.from({ length: 20 }, (_, n) => small.on(presence(`s@h${n}.example`, { type: 'subscribe' })));
    ok(ends.some((end) => end?.kind === 'bounced' && end.reason === 'subscribe-full'));
  });

  it('answers no presence of type error', () => {
    const made = house();
    made.say(watcher, 'subscribe');
    deepEqual(made.say(watcher, 'error'), []);
    deepEqual(made.say(watcher, 'invalid'), []);
  });
});
