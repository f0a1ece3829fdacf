import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Change } from '../../src/core/durable-state.ts';
import type { MessageEnvelope } from '../../src/core/envelope.ts';
import type { PoolSettings } from '../../src/core/settings.ts';
import { DurableHouse, durablePool } from './durable-house.ts';
import {
  aliasKey,
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

const one = 'w@work.example/one';
const day = 86_400_000;
const alias = `${jobs}/!${aliasKey(1)}`;
const account = `jobs+${aliasKey(1)}@${domain}`;

/** A pool with one worker. */
function house(changes: Partial<PoolSettings> = {}, memory = 64 * 1024 * 1024): House {
  const made = new House(serviceSettings([poolSettings(changes)], { memory }));
  made.join(one);
  made.out.settle();
  return made;
}

/** From whom the worker got what was forwarded since the last look. */
function forwards(of: House): { readonly from: string; readonly id: string | undefined; readonly hides?: true }[] {
  return of.out.take().flatMap((written) => {
    if (written.call !== 'forward') return [];
    const { from, message, hides } = written;
    return [{ from, id: message.id, ...(hides === true ? { hides } : {}) }];
  });
}

function rows<Op extends Change['op']>(of: House, op: Op): Extract<Change, { op: Op }>[] {
  const isOf = (change: Change): change is Extract<Change, { op: Op }> => change.op === op;
  return of.out.commits.map(({ change }) => change).filter(isOf);
}

describe('router: aliases', () => {
  const unreadable = ['zoë@far.example/r', `s@far.example/${'r'.repeat(1020)}`, '~s@far.example/r', '!s@far.example/r'];
  for (const from of unreadable) {
    it(`stand for ${from.slice(0, 20)}, which cannot be a resource`, () => {
      const at = house();
      deepEqual(at.on(message({ from })), { kind: 'queued' });
      deepEqual(forwards(at), []);
      at.out.settle();
      deepEqual(forwards(at), [{ from: alias, id: 'm1' }]);
      equal(at.out.events.get('waited-forwarded'), 1);
      deepEqual(at.on(message({ from: one, to: alias, id: 'r1' })), { kind: 'relayed' });
      const [reply] = at.out.take();
      deepEqual(reply?.call === 'relay' && [reply.from, reply.to], [`${jobs}/~one`, from]);
    });
  }

  it('stand for everybody where the pool hides its senders, and nothing else does', () => {
    const at = house({ identity: 'alias' });
    at.on(message());
    at.out.settle();
    deepEqual(forwards(at), [{ from: alias, id: 'm1', hides: true }]);
    deepEqual(at.on(message({ from: one, to: alias })), { kind: 'relayed' });
    const readable = { from: one, to: `${jobs}/${sender}` };
    deepEqual(at.on(message(readable)), { kind: 'bounced', reason: 'relay-refused' });
    deepEqual(at.on(request({ name: 'ping' }, readable)), { kind: 'bounced', reason: 'unreachable' });
  });

  it('stand for a worker whose message to its own label goes to another, as without them', () => {
    const at = house({ identity: 'alias', memberMessages: 'route' });
    at.join('w@work.example/two');
    at.on(message({ from: one, to: `${jobs}/~one` }));
    at.out.settle();
    const given = at.out.take().flatMap((written) => (written.call === 'forward' ? [written.to] : []));
    deepEqual(given, ['w@work.example/two']);
  });

  it('keep the order of what waits for them, and let other senders pass', () => {
    const at = house();
    const from = 'zoë@far.example/r';
    for (const id of ['a', 'b']) deepEqual(at.on(message({ from, id })), { kind: 'queued' });
    deepEqual(at.on(message({ from, id: 'c', to: `${jobs}/~one` })), { kind: 'queued' });
    deepEqual(at.on(message({ id: 'other' })), { kind: 'forwarded' });
    at.out.settle();
    deepEqual(at.on(message({ from, id: 'd' })), { kind: 'forwarded' });
    deepEqual(
      forwards(at).map(({ id }) => id),
      ['other', 'a', 'b', 'c', 'd'],
    );
    equal(rows(at, 'put-alias').length, 0);
  });

  it('are not used when they cannot be stored', () => {
    const at = house();
    const from = 'zoë@far.example/r';
    at.on(message({ from }));
    at.out.settle(new Error('disk full'));
    deepEqual(
      at.out.take().map((written) => written.call === 'bounce' && written.code),
      ['store-failed'],
    );
    equal(at.out.events.get('waited-bounced'), 1);
    at.on(message({ from }));
    at.out.settle();
    deepEqual(forwards(at), [{ from: `${jobs}/!${aliasKey(2)}`, id: 'm1' }]);
  });

  it('wait no longer than the service lives', () => {
    const at = house();
    at.on(message({ from: 'zoë@far.example/r' }));
    at.router.drain();
    at.out.settle();
    deepEqual(
      at.out.take().map((written) => written.call === 'bounce' && written.code),
      ['shutting-down'],
    );
    equal(at.out.events.get('waited-bounced'), 1);
  });

  it('are the same after a restart', () => {
    const at = house({ identity: 'alias' });
    at.on(message());
    const aliases = rows(at, 'put-alias');
    at.out.settle();
    at.router.tick(at.now);
    const conversations = rows(at, 'put-conversation');
    const settings = serviceSettings([poolSettings({ identity: 'alias' })]);
    const after = new House(settings, { ...emptySnapshot, aliases, conversations });
    after.join(one);
    deepEqual(after.on(message({ from: one, to: alias })), { kind: 'relayed' });
    deepEqual(after.on(message()), { kind: 'forwarded' });
    deepEqual(
      forwards(after).map(({ from }) => from),
      [alias],
    );
  });

  it('end 30 days after their last use', () => {
    const at = house({ identity: 'alias' });
    at.on(message());
    at.out.settle();
    at.now += 20 * day;
    at.on(message());
    at.router.tick(at.now);
    deepEqual(
      rows(at, 'put-alias').map(({ at: time }) => time),
      [at.now],
    );
    at.out.settle();
    at.now += 29 * day;
    at.router.tick(at.now);
    deepEqual(rows(at, 'remove-alias'), []);
    at.now += 2 * day;
    at.router.tick(at.now);
    deepEqual(rows(at, 'remove-alias'), [{ op: 'remove-alias', pool: 'jobs', sender }]);
    at.out.settle();
    at.out.take();
    deepEqual(at.on(message()), { kind: 'queued' });
    at.out.settle();
    deepEqual(
      forwards(at).map(({ from }) => from),
      [`${jobs}/!${aliasKey(2)}`],
    );
  });

  it('are as many as one domain may have, and then other domains still get theirs', () => {
    const at = house({ identity: 'alias' }, 64 * 1024);
    const ends = new Set<string>();
    for (let n = 0; n < 100; n += 1) {
      const outcome = at.on(message({ from: `s${n}@far.example/r` }));
      ends.add(outcome?.kind === 'bounced' ? outcome.reason : (outcome?.kind ?? ''));
      at.out.settle();
    }
    deepEqual([...ends], ['queued', 'alias-limit']);
    deepEqual(at.on(message({ from: 's@else.example' })), { kind: 'queued' });
  });

  it('are not made for a pool in which nobody works', () => {
    const at = new House(serviceSettings([poolSettings({ identity: 'alias' })]));
    deepEqual(at.on(message()), { kind: 'bounced', reason: 'no-worker' });
    deepEqual(at.out.commits, []);
  });

  const needy: readonly [why: string, sender: string, Partial<PoolSettings>, from: string][] = [
    ['hides its senders', sender, { identity: 'alias' }, alias],
    ['has its proxies in the localpart', sender, { proxy: 'localpart' }, account],
    ['cannot show this one', 'zoë@far.example/r', {}, alias],
  ];
  for (const [why, from, changes, shown] of needy) {
    it(`are made for a pool in which nobody works where it keeps messages, and ${why}`, async () => {
      const at = new DurableHouse(durablePool({}, changes));
      at.router.linkUp(at.now);
      deepEqual(at.on(message({ from })), { kind: 'queued' });
      await at.settle();
      deepEqual(at.told(), []);
      at.work(one);
      await at.wait(200);
      deepEqual(
        at.given().map((given) => [given.from, given.to, given.message.id]),
        [[shown, one, 'm1']],
      );
    });
  }

  it('are made for who was accepted before the pool began to hide its senders', async () => {
    const at = new DurableHouse(durablePool());
    at.router.linkUp(at.now);
    at.send('m1');
    await at.settle();
    at.router.reload(serviceSettings([durablePool({}, { identity: 'alias' })]), at.now);
    at.work(one);
    at.mood = 'failing';
    await at.wait(1_000);
    deepEqual([at.given(), at.out.events.get('attempt-unsent')], [[], undefined]);
    at.mood = 'well';
    await at.wait(2_000);
    deepEqual(
      at.given().map((given) => [given.from.startsWith(`${jobs}/!`), given.to, given.message.id]),
      [[true, one, 'm1']],
    );
    equal(at.out.events.get('attempt-unsent'), undefined);
  });

  it('are made for who is hidden from while his message is on its way to the disk; it went to nobody, and no attempt failed', async () => {
    const at = new DurableHouse(durablePool({ maxAttempts: 1 }));
    at.router.linkUp(at.now);
    at.work(one);
    await at.settle();
    at.out.take();
    at.send('m1');
    at.router.reload(serviceSettings([durablePool({ maxAttempts: 1 }, { identity: 'alias' })]), at.now);
    await at.settle();
    deepEqual([at.given(), at.out.events.get('attempt-unsent')], [[], 1]);
    await at.wait(2_000);
    deepEqual(
      at.given().map((given) => [given.from.startsWith(`${jobs}/!`), given.to, given.message.id]),
      [[true, one, 'm1']],
    );
    deepEqual(at.told(), []);
  });

  it('are no open relay', () => {
    const at = house({ identity: 'alias' });
    at.on(message());
    at.out.settle();
    const refused = [
      [{ from: 'stranger@far.example/x', to: alias }, 'unreachable'],
      [{ from: one, to: `${jobs}/!${aliasKey(2)}` }, 'relay-refused'],
      [{ from: one, to: `other@${domain}/!${aliasKey(1)}` }, 'unreachable'],
      [{ from: one, to: `jobs+${aliasKey(2)}@${domain}` }, 'relay-refused'],
    ] as const;
    at.out.take();
    for (const [changes, reason] of refused) deepEqual(at.on(message(changes)), { kind: 'bounced', reason });
    at.now += 7 * day + 1;
    deepEqual(at.on(message({ from: one, to: alias })), { kind: 'bounced', reason: 'relay-refused' });
  });

  it('tell the worker that a reply could not be delivered, without the words of the sender’s server', () => {
    const at = house({ identity: 'alias' });
    at.on(message());
    at.out.settle();
    at.out.take();
    const error = { condition: 'gone', type: 'cancel' } as const;
    const undelivered: MessageEnvelope = message({ type: 'error', error, to: `${jobs}/~one`, id: 'r1' });
    deepEqual(at.on(undelivered), { kind: 'relayed' });
    deepEqual(at.out.take(), [{ call: 'report', message: undelivered, from: alias, to: one }]);
  });
});

describe('router: proxies in the localpart', () => {
  function people(): House {
    const at = house({ proxy: 'localpart' });
    at.on(message());
    at.out.settle();
    return at;
  }

  it('are the bare address that the worker sees, and answers', () => {
    const at = people();
    deepEqual(forwards(at), [{ from: account, id: 'm1' }]);
    deepEqual(at.on(message({ from: one, to: account })), { kind: 'relayed' });
    const [reply] = at.out.take();
    deepEqual(reply?.call === 'relay' && [reply.from, reply.to], [`${jobs}/~one`, sender]);
  });

  it('have no presence: who subscribes to one is told so, and nothing is stored', () => {
    const at = people();
    at.out.commits.splice(0);
    at.out.take();
    deepEqual(at.on(presence(one, { to: account, type: 'subscribe' })), {
      kind: 'bounced',
      reason: 'subscribe-unsupported',
    });
    const [told] = at.out.take();
    deepEqual(told?.call === 'presence' && [told.presence.from, told.presence.type], [account, 'unsubscribed']);
    deepEqual(at.on(presence(one, { to: account, type: 'unsubscribe' })), { kind: 'consumed' });
    at.router.linkUp(at.now);
    deepEqual(
      at.out.commits.filter(({ change }) => change.op.includes('subscription')),
      [],
    );
  });

  it('bounce to the sender', () => {
    const at = people();
    at.out.take();
    const error = { condition: 'policy-violation', type: 'cancel' } as const;
    deepEqual(at.on(message({ type: 'error', error, from: one, to: account })), { kind: 'relayed' });
    const [bounce] = at.out.take();
    deepEqual(bounce?.call === 'relay' && [bounce.from, bounce.to], [jobs, sender]);
  });

  it('answer disco and ping, take presence in, and refuse what a proxy refuses', () => {
    const at = people();
    at.out.take();
    for (const to of [account, alias]) {
      deepEqual(at.on(request({ name: 'ping' }, { from: one, to })), { kind: 'answered' });
      deepEqual(at.on(request({ name: 'disco-info', node: undefined }, { from: one, to })), { kind: 'answered' });
      deepEqual(at.on(request({ name: 'version' }, { from: one, to })), { kind: 'bounced', reason: 'unknown-request' });
      deepEqual(at.on(request({ name: 'ping' }, { to })), { kind: 'bounced', reason: 'unreachable' });
      deepEqual(at.on(presence(one, { to })), { kind: 'consumed' });
      deepEqual(at.on(presence(one, { to, type: 'unavailable' })), { kind: 'consumed' });
    }
    equal(at.router.pools.get('jobs')?.roster.size, 1);
    ok(at.out.take().every((written) => written.call === 'answer' || written.call === 'bounce'));
  });
});
