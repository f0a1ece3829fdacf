import { deepEqual, equal, ok } from 'node:assert/strict';
import type { MovedTo, PoolSettings } from '../../src/core/settings.ts';
import {
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

const now: MovedTo = { to: 'jobs@new.example', permanent: false };
const forGood: MovedTo = { to: 'jobs@new.example', permanent: true };
const worker = 'w@work.example/one';

function houseOf(moved: MovedTo, changes: Partial<PoolSettings> = {}): House {
  return new House(serviceSettings([poolSettings({ moved, ...changes })]));
}

describe('router: a pool that has moved', () => {
  it('tells its new address to whoever writes, asks, probes, joins or subscribes', () => {
    for (const [moved, reason] of [
      [now, 'moved'],
      [forGood, 'moved-for-good'],
    ] as const) {
      const house = houseOf(moved);
      for (const stanza of [
        message(),
        message({ to: `${jobs}/~one` }),
        request({ name: 'unknown', namespace: 'urn:x' }, { type: 'set' }),
        request({ name: 'cmr-set', algorithm: 'urn:xmpp:cmr:all' }, { from: worker }),
        presence(sender, { type: 'probe', id: 'p' }),
        presence(sender, { type: 'subscribe' }),
        presence(worker),
      ]) {
        deepEqual(house.on(stanza), { kind: 'bounced', reason }, stanza.kind);
        deepEqual(house.out.take(), [{ call: 'moved', stanza, moved }]);
      }
      equal(house.router.pools.get('jobs')?.roster.size, 0);
    }
  });

  it('redirects gets whole, while it has moved for now only', () => {
    for (const asked of [request({ name: 'unknown', namespace: 'urn:x' }), request({ name: 'ping' })]) {
      const house = houseOf(now);
      deepEqual(house.on(asked), { kind: 'bounced', reason: 'moved' });
      deepEqual(house.out.take(), [
        { call: 'redirect', request: asked, redirection: { to: now.to, query: undefined } },
      ]);
      const gone = houseOf(forGood);
      deepEqual(gone.on(asked), { kind: 'bounced', reason: 'moved-for-good' });
      deepEqual(gone.out.take(), [{ call: 'moved', stanza: asked, moved: forGood }]);
    }
  });

  it('sends nobody to himself', () => {
    const house = houseOf(now);
    for (const from of ['jobs@new.example', 'jobs@new.example/~one']) {
      deepEqual(house.on(message({ from })), { kind: 'bounced', reason: 'unreachable' });
      deepEqual(house.on(request({ name: 'ping' }, { from })), { kind: 'bounced', reason: 'unreachable' });
    }
  });

  it('does not exist for those for whom it did not exist, and answers no headline and no error', () => {
    const house = houseOf(now, { senders: ['a@b.example'] });
    deepEqual(house.on(message()), { kind: 'bounced', reason: 'unreachable' });
    deepEqual(house.on(request({ name: 'ping' })), { kind: 'bounced', reason: 'unreachable' });
    deepEqual(house.on(presence(sender)), { kind: 'bounced', reason: 'join-unreachable' });
    deepEqual(house.on(presence(sender, { type: 'probe' })), { kind: 'bounced', reason: 'subscribe-refused' });
    const open = houseOf(now);
    deepEqual(open.on(message({ type: 'headline' })), { kind: 'dropped', reason: 'headline-unreachable' });
    const error = { condition: 'gone', type: 'cancel' } as const;
    deepEqual(open.on(message({ type: 'error', error })), { kind: 'dropped', reason: 'error-unmatched' });
    deepEqual(open.on(presence(sender, { type: 'unavailable' })), { kind: 'consumed' });
    deepEqual(open.out.take(), []);
  });

  it('sends its members away, with the address, on a reload and after a restart', () => {
    const house = new House();
    house.join(worker);
    house.router.linkUp(house.now);
    house.out.take();
    house.router.reload(serviceSettings([poolSettings({ moved: now })]), house.now);
    const told = house.out.take().flatMap((each) => (each.call === 'presence' ? [each.presence] : []));
    deepEqual(
      told.map(({ to, type, status }) => [to, type, status]),
      [[worker, 'unavailable', 'This pool has moved to jobs@new.example.']],
    );
    equal(house.router.pools.get('jobs')?.roster.size, 0);

    const row = { pool: 'jobs', jid: worker, label: 'one', sequence: 1, priority: 0, show: 'online' } as const;
    const members = [{ ...row, weight: undefined, capacity: undefined, drain: false, pings: true, seen: 1 }];
    const restarted = new House(serviceSettings([poolSettings({ moved: now })]), { ...emptySnapshot, members });
    restarted.router.linkUp(restarted.now);
    ok(
      restarted.out.take().some((each) => each.call === 'presence' && each.presence.type === 'unavailable'),
      'told it',
    );
  });

  it('asks no account for its presence any more', () => {
    const house = houseOf(now, { join: 'subscription' });
    const account = 'w@work.example';
    deepEqual(house.on(presence(account, { type: 'subscribe' })), { kind: 'bounced', reason: 'moved' });
    deepEqual(house.on(presence(worker)), { kind: 'bounced', reason: 'moved' });
  });
});
