import { deepEqual, equal, ok } from 'node:assert/strict';
import { resourceOf } from '../../src/core/address/jid.ts';
import type { StoredMember } from '../../src/core/durable-state.ts';
import {
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

const near = 'w@example/near';
const far = 'w@work.example/far';
const other = 'v@work.example/other';
const minute = 60_000;

const unavailable = { condition: 'service-unavailable', type: 'cancel' } as const;
const unreachable = { condition: 'remote-server-timeout', type: 'wait' } as const;

/** A house whose component is `pools.example`, so that `example` is its own server. */
function house(workers: readonly string[], members: readonly StoredMember[] = []): House {
  const made = new House(serviceSettings([poolSettings({ workers: ['*'] })]), { ...emptySnapshot, members });
  made.router.linkUp(made.now);
  for (const worker of workers) made.join(worker);
  return made;
}

/** The pings of the last `milliseconds`, by whom they ask. */
function asked(made: House, milliseconds: number): Map<string, string> {
  made.pass(milliseconds);
  const pings = new Map<string, string>();
  for (const written of made.out.take()) if (written.call === 'ping') pings.set(written.to, written.id);
  return pings;
}

/** The states of the members, by resource. */
function states(made: House): Record<string, string> {
  return Object.fromEntries(
    [...(made.router.pools.get('jobs')?.roster ?? [])].map((m) => [resourceOf(m.jid) ?? '', m.state]),
  );
}

describe('router: members that are silent', () => {
  it('pings members on other servers every minute, others every five', () => {
    const made = house([near, far]);
    const seen: string[] = [];
    for (let seconds = 0; seconds < 660; seconds += 1) {
      for (const [worker, id] of asked(made, 1_000)) {
        seen.push(worker);
        made.on(response(worker, id));
      }
    }
    equal(seen.filter((worker) => worker === near).length, 2);
    ok(seen.filter((worker) => worker === far).length >= 9, seen.join());
  });

  it('leaves alone whom it hears', () => {
    const made = house([far]);
    for (let n = 0; n < 10; n += 1) {
      equal(asked(made, 30_000).size, 0);
      made.on(n % 2 === 0 ? presence(far) : message({ from: far, to: `${jobs}/sensor@far.example/r` }));
      if (n % 2 === 1) continue;
      made.on(message());
      made.out.take();
    }
  });

  it('pings members restored by their answer alone every minute, until their presence is heard', () => {
    const made = house([], [storedMember(near)]);
    made.answerPings();
    const [[, id] = ['', '']] = asked(made, minute + 5_000);
    ok(id !== '');
    made.on(response(near, id));
    made.on(presence(near));
    equal(asked(made, 4 * minute).size, 0);
  });

  it('suspends who used to answer and does not: chosen no more, a member until the grace is over', () => {
    for (const answer of ['error', 'silence']) {
      const made = house([far]);
      const [[, id] = ['', '']] = asked(made, minute + 5_000);
      if (answer === 'error') made.on(response(far, id, { error: unavailable }));
      else made.pass(5_000);
      deepEqual(states(made), { far: 'suspended' });
      deepEqual(made.on(message()), { kind: 'bounced', reason: 'no-worker' });
      deepEqual(made.on(message({ type: 'headline' })), { kind: 'dropped', reason: 'headline-no-worker' });
      deepEqual(made.on(message({ to: `${jobs}/~far` })), { kind: 'bounced', reason: 'no-worker' });
      made.pass(295_000);
      deepEqual(states(made), { far: 'suspended' });
      made.pass(6_000);
      deepEqual(states(made), {});
    }
  });

  it('asks a suspended member again when what went astray comes to us once more', () => {
    const made = house([far]);
    made.deal(1);
    asked(made, minute + 10_000);
    deepEqual(states(made), { far: 'suspended' });
    made.out.take();
    made.router.linkTrusted(made.now);
    const [[worker, id] = ['', '']] = asked(made, 0);
    equal(worker, far);
    made.on(response(worker, id));
    deepEqual(states(made), { far: 'verified' });
  });

  it('takes a suspended member back at any sign of life', () => {
    const signs = [
      (made: House) => made.on(presence(far)),
      (made: House) => made.on(message({ from: far, to: `${jobs}/sensor@far.example/r` })),
      (made: House) => {
        for (let seconds = 0; seconds < 66; seconds += 1) {
          for (const [worker, id] of asked(made, 1_000)) made.on(response(worker, id));
        }
      },
    ];
    for (const sign of signs) {
      const made = house([far]);
      made.deal(1);
      asked(made, minute + 10_000);
      deepEqual(states(made), { far: 'suspended' });
      sign(made);
      deepEqual(states(made), { far: 'verified' });
      deepEqual(made.deal(1), ['far']);
    }
  });

  it('does not hold silence against who never answered a ping', () => {
    const made = house([]);
    made.on(presence(far));
    made.pass(10 * minute);
    deepEqual(states(made), { far: 'verified' });
    ok(made.out.take().length > 5);
  });

  it('asks 10 000 members no faster than 200 a second', () => {
    const made = house([]);
    for (let n = 0; n < 10_000; n += 1) made.on(presence(`w${n}@work.example/x`));
    made.answerPings();
    made.pass(minute - 1_000);
    made.out.take();
    let total = 0;
    for (let second = 0; second < 60; second += 1) {
      const pings = asked(made, 1_000);
      ok(pings.size <= 200, String(pings.size));
      total += pings.size;
      for (const [worker, id] of pings) made.on(response(worker, id));
    }
    ok(total >= 9_000, String(total));
  });
});

describe('router: a server that cannot be reached', () => {
  it('suspends all members of the domain at an error of a ping, for as long as it takes', () => {
    const made = house([near, far, other]);
    const pings = asked(made, minute + 5_000);
    made.on(response(far, pings.get(far) ?? '', { error: unreachable }));
    deepEqual(states(made), { near: 'verified', far: 'cut-off', other: 'cut-off' });
    deepEqual(made.deal(2), ['near', 'near']);
    let tries = 0;
    for (let seconds = 0; seconds < 600; seconds += 1) {
      for (const [worker, id] of asked(made, 1_000)) {
        made.on(response(worker, id, { error: worker === near ? undefined : unreachable }));
        if (worker !== near) tries += 1;
      }
    }
    deepEqual(states(made), { near: 'verified', far: 'cut-off', other: 'cut-off' });
    ok(tries <= 60, `one of them at a time: ${tries}`);
  });

  it('suspends them at the bounce of a message, and asks them all when one answers', () => {
    const made = house([far, other]);
    made.on(message());
    made.out.take();
    made.on(message({ from: far, to: `${jobs}/sensor@far.example/r`, type: 'error', error: unreachable }));
    deepEqual(states(made), { far: 'cut-off', other: 'cut-off' });
    deepEqual(made.on(message({ id: 'm2' })), { kind: 'bounced', reason: 'no-worker' });
    const [[first, id] = ['', '']] = asked(made, 200);
    made.on(response(first, id));
    const rest = made.out.take().flatMap((written) => (written.call === 'ping' ? [written] : []));
    equal(rest.length, 1);
    made.on(response(rest[0]?.to ?? '', rest[0]?.id ?? '', { error: unavailable }));
    deepEqual(Object.values(states(made)), ['verified'], 'the other one is gone');
  });

  it('asks another member at once where a worker tells of it, so that none stops the others for long', () => {
    const made = house([far, other, 'u@work.example/third']);
    made.on(message());
    made.out.take();
    made.on(message({ from: far, to: `${jobs}/sensor@far.example/r`, type: 'error', error: unreachable }));
    const [[first, id] = ['', ''], ...more] = asked(made, 200);
    equal(first, other);
    deepEqual(more, []);
    made.on(response(first, id));
    equal(states(made)['other'], 'verified');
    deepEqual(made.deal(1), ['other']);
    // Where it is true, the next is asked ten seconds later.
    made.answerPings();
    made.on(message({ id: 'm2' }));
    made.on(message({ from: far, to: `${jobs}/sensor@far.example/r`, type: 'error', error: unreachable }));
    const [[again, next] = ['', '']] = asked(made, 200);
    made.on(response(again, next, { error: unreachable }));
    equal(asked(made, 9_000).size, 0);
    equal(asked(made, 1_200).size, 1);
  });

  it('notes a member once, however often it speaks while its server says that it cannot be reached', () => {
    const made = house([far, other]);
    for (let n = 0; n < 100; n += 1) {
      made.on(presence(far));
      made.on(message({ id: `m${n}` }));
      made.on(
        message({ type: 'error', from: far, to: `${jobs}/sensor@far.example/r`, id: `m${n}`, error: unreachable }),
      );
      ok(made.router.held.outages <= 2, `${made.router.held.outages} notes after ${n}`);
    }
    deepEqual(states(made), { far: 'cut-off', other: 'cut-off' });
    equal(made.router.held.outages, 2);
    for (const worker of [far, other]) made.on(presence(worker, { type: 'unavailable' }));
    made.pass(minute);
    equal(made.router.held.outages, 0);
  });

  it('does not lose a suspended member whose server goes away, nor doubt one that spoke meanwhile', () => {
    const made = house([far, other]);
    const pings = asked(made, minute + 1_000);
    made.on(response(other, pings.get(other) ?? '', { error: unavailable }));
    deepEqual(states(made), { far: 'verified', other: 'suspended' });
    made.on(response(far, pings.get(far) ?? '', { error: unreachable }));
    made.pass(6 * minute);
    deepEqual(states(made), { far: 'cut-off', other: 'cut-off' });
    made.on(presence(other));
    deepEqual(states(made), { far: 'cut-off', other: 'verified' });
    made.out.take();
    const id = asked(made, 10_100).get(far) ?? '';
    made.on(response(far, id));
    deepEqual(states(made), { far: 'verified', other: 'verified' });
    deepEqual(asked(made, 1_000), new Map());
  });

  it('judges the one that was asked by what its server says of it', () => {
    const made = house([far, other]);
    made.on(message());
    made.on(message({ from: far, to: `${jobs}/sensor@far.example/r`, type: 'error', error: unreachable }));
    made.out.take();
    const [[first, id] = ['', '']] = asked(made, 200);
    made.on(response(first, id, { error: unavailable }));
    equal(made.router.pools.get('jobs')?.roster.get(first), undefined);
    equal(made.router.pools.get('jobs')?.roster.size, 1);
    made.answerPings();
    deepEqual(Object.values(states(made)), ['verified']);
  });

  it('does not believe it of its own server: a worker could say so to stop the others', () => {
    const made = house([near, 'x@example/mate']);
    made.on(message());
    made.on(message({ from: near, to: `${jobs}/sensor@far.example/r`, type: 'error', error: unreachable }));
    equal(states(made)['mate'], 'verified');
    const pings = asked(made, 6 * minute);
    made.on(response(near, pings.get(near) ?? '', { error: unreachable }));
    ok(!Object.values(states(made)).includes('cut-off'));
  });
});

describe('router: a worker that flaps', () => {
  it('costs a write and an answer each time, a ping once, and lines that the log can hold back', () => {
    const made = house([]);
    for (let n = 0; n < 100; n += 1) {
      made.on(presence(far, { type: n % 2 === 0 ? 'available' : 'unavailable', id: `p${n}` }));
      if (n === 10) made.answerPings();
      made.pass(50);
    }
    const written = made.out.take();
    ok(written.filter(({ call }) => call === 'presence').length <= 50);
    ok(written.filter(({ call }) => call === 'ping').length <= 1, 'asked once, then remembered');
    // One more for whether it answers pings, and one for its label.
    ok(made.out.commits.length <= 102, String(made.out.commits.length));
    const events = new Set(made.out.notices.map(({ event }) => event));
    deepEqual([...events], ['member-joined', 'member-left']);
    equal(made.router.pools.get('jobs')?.roster.size, 0);
  });
});
