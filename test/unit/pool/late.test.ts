import assert from 'node:assert/strict';
import { Duty } from '../../../src/core/durable/duty.ts';
import type { Member, MemberState } from '../../../src/core/pool/member.ts';
import type { Pool } from '../../../src/core/pool/pool.ts';
import { Watch } from '../../../src/core/pool/watch/watch.ts';
import { createService } from '../../../src/core/service.ts';
import { readElement } from '../../../src/xmpp/codec/element-reader.ts';
import { deliverySettings, poolSettings, response, serviceSettings, testCapsVersion } from '../../router/house.ts';
import { RecordingOut } from '../../router/recording-out.ts';
import { newMember } from '../select/new-member.ts';

describe('workers that miss their deadlines', () => {
  let now: number;
  let out: RecordingOut;
  let pool: Pool;
  let watch: Watch;
  let members: readonly Member[];

  /** A pool of so many workers that answer pings, each of them heard at the start. */
  function work(size: number, pings: boolean | undefined = true): void {
    now = 1_000_000;
    out = new RecordingOut();
    const delivery = deliverySettings({ guarantee: 'at-least-once', ack: 'receipt', capacity: 8 });
    const service = createService(serviceSettings([poolSettings({ delivery })]), out, readElement, testCapsVersion);
    let ids = 0;
    const newId = () => {
      ids += 1;
      return `p${ids}`;
    };
    pool = service.pools.get('jobs') ?? assert.fail();
    watch = new Watch(service, newId, {
      lost: () => undefined,
      changed: () => undefined,
      released: () => undefined,
      shown: () => undefined,
    });
    members = Array.from({ length: size }, (_, index) => {
      const member = newMember(index + 1, { pings, jid: `w@pools.example.org/${index}` }, pool.ledger);
      pool.admit(member);
      member.heardAt = now;
      return member;
    });
    now += 1_000;
  }

  const pinged = () => out.take().flatMap((written) => (written.call === 'ping' ? [written] : []));
  const states = () => members.map(({ state }) => state);
  /** How many were asked, and how many were not because half of the pool is late. */
  const counts = () => [out.events.get('member-late') ?? 0, out.events.get('members-late') ?? 0];
  const late = (...whom: number[]) => {
    for (const index of whom) watch.late(pool, members[index] ?? assert.fail(), now);
  };
  const wait = (milliseconds: number) => {
    now += milliseconds;
    watch.tick(now, true);
  };
  const answerPings = () => {
    for (const { to, id } of pinged()) watch.verification.answer(response(to, id), now);
  };

  it('are asked, work on meanwhile, and are suspended when they do not answer; back, they start slowly', () => {
    work(4);
    late(0);
    assert.deepEqual(
      pinged().map(({ to }) => to),
      ['w@pools.example.org/0'],
    );
    assert.equal(members[0]?.duty?.window, 1);
    assert.equal(pool.takers?.free, 4);
    wait(5_000);
    assert.deepEqual(states(), ['suspended', 'verified', 'verified', 'verified'] satisfies MemberState[]);
    assert.equal(pool.takers?.size, 3);
    members[0].duty?.resize(8);
    members[0].duty?.acknowledged(now, now);
    members[0].duty?.acknowledged(now, now);
    assert.equal(members[0].duty?.window, 4);
    watch.alive(pool, members[0], now);
    assert.deepEqual([members[0].state, members[0].duty?.window], ['verified', 1]);
    assert.equal(pool.takers.free, 4);
  });

  it('are not suspended when they answer, or are heard', () => {
    work(6);
    late(0, 1);
    answerPings();
    late(2);
    wait(1_000);
    watch.alive(pool, members[2] ?? assert.fail(), now);
    wait(9_000);
    assert.ok(states().every((state) => state === 'verified'));
    assert.deepEqual(counts(), [3, 0]);
  });

  it('make room for the next suspect as soon as they answer, or are back', () => {
    work(2);
    late(0);
    answerPings();
    late(1);
    assert.deepEqual(counts(), [2, 0]);
    wait(5_000);
    assert.deepEqual(states(), ['verified', 'suspended']);
    watch.alive(pool, members[1] ?? assert.fail(), now);
    late(0);
    assert.deepEqual(counts(), [3, 0]);
  });

  it('and of whose pings nothing is known are not suspended', () => {
    work(4, false);
    late(0);
    wait(5_000);
    assert.ok(states().every((state) => state === 'verified'));
  });

  it('are never more than half of a pool suspended for it, whatever happens', () => {
    work(5);
    late(0, 1, 2, 3, 4);
    wait(5_000);
    late(2, 3, 4);
    wait(15_000);
    late(2, 3, 4);
    wait(5_000);
    assert.deepEqual(states(), ['suspended', 'suspended', 'verified', 'verified', 'verified']);
    assert.deepEqual(counts(), [2, 9]);
    assert.equal(members[4]?.duty?.window, 1);
    // One that is back makes room for another.
    watch.alive(pool, members[0] ?? assert.fail(), now);
    late(2);
    wait(5_000);
    assert.equal(members[2]?.state, 'suspended');
  });

  it('are asked once for all that they are late with at once', () => {
    work(4);
    late(0, 0, 0);
    wait(4_000);
    late(0);
    assert.equal(pinged().length, 1);
    assert.deepEqual(counts(), [1, 0]);
  });

  it('are not suspended when there is only one', () => {
    work(1);
    late(0);
    wait(5_000);
    assert.deepEqual(states(), ['verified']);
    assert.equal(pinged().length, 0);
  });

  it('that were asked and work on do not stand in for others for ever', () => {
    work(2, false);
    late(0, 1);
    wait(1_000);
    late(1);
    assert.deepEqual(counts(), [1, 2]);
    wait(10_000);
    late(1);
    assert.deepEqual(counts(), [2, 2]);
  });

  it('one message that nobody can do makes nobody doubtful', () => {
    work(4);
    for (const { duty } of members) {
      for (let attempt = 0; attempt < 5; attempt += 1) assert.equal(duty?.missed(1, now), 'fine');
    }
    assert.ok(members[0]?.duty instanceof Duty);
  });

  it('who has left, or is suspended already, is not asked', () => {
    work(4);
    pool.setState(members[0] ?? assert.fail(), 'suspended');
    pool.expel(members[1] ?? assert.fail());
    late(0, 1);
    assert.deepEqual([pinged().length, counts()], [0, [0, 0]]);
  });
});
