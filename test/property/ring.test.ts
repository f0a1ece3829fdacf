import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Ring, ringAge, ringBytes, ringCount } from '../../src/core/delivery/ring.ts';
import { Rings } from '../../src/core/delivery/rings.ts';
import type { Conversation } from '../../src/core/pool/conversation/conversations.ts';
import type { Member } from '../../src/core/pool/member.ts';
import type { Pool } from '../../src/core/pool/pool.ts';
import { House, jobs, message, poolSettings, presence, serviceSettings } from '../router/house.ts';
import { RecordingOut } from '../router/recording-out.ts';
import { blankConversation } from '../unit/delivery/blank-conversation.ts';
import { newMember } from '../unit/select/new-member.ts';

const workers = ['a@work.example/1', 'a@work.example/2', 'b@work.example/1', 'c@work.example/1'];
const senders = ['s1@far.example/r', 's2@far.example/r'];

type Step =
  | { readonly op: 'send'; readonly sender: number; readonly id: number | undefined; readonly refersTo: boolean }
  | {
      readonly op: 'answer';
      readonly what: 'receipt' | 'reply' | 'error' | 'gone';
      readonly pick: number;
      readonly bare: boolean;
    }
  | { readonly op: 'presence'; readonly worker: number; readonly here: boolean }
  | { readonly op: 'wait'; readonly milliseconds: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('send' as const),
      sender: fc.nat(senders.length - 1),
      id: fc.option(fc.nat(5), { nil: undefined }),
      refersTo: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant('answer' as const),
      what: fc.constantFrom('receipt', 'reply', 'error', 'gone'),
      pick: fc.nat(30),
      bare: fc.boolean(),
    }),
  },
  fc.record({ op: fc.constant('presence' as const), worker: fc.nat(workers.length - 1), here: fc.boolean() }),
  fc.record({ op: fc.constant('wait' as const), milliseconds: fc.constantFrom(100, 5_000, 31_000) }),
);

/** One forward as the worker saw it. */
interface Seen {
  readonly to: string;
  readonly from: string;
  readonly id: string;
  /** How often the worker had left before: who comes again may have what its session before could not take. */
  readonly session: number;
}

/** Takes steps in a house, and holds what it sees against what must always be true. */
class Model {
  readonly house: House;
  readonly #seen: Seen[] = [];
  readonly #failures: Seen[] = [];
  readonly #left = new Map<string, number>();
  readonly #before: number;
  #stanzas = 0;

  constructor(algorithm: 'all' | 'roundrobin' | 'leastbusy') {
    this.house = new House(serviceSettings([poolSettings({ algorithm })]));
    for (const worker of workers) this.house.join(worker);
    this.#before = this.house.out.outcomes.length;
  }

  get pool(): Pool {
    const pool = this.house.router.pools.get('jobs');
    assert.ok(pool !== undefined);
    return pool;
  }

  take(next: Step): void {
    const tried = next.op === 'answer' ? this.#seen[this.#seen.length - 1 - next.pick] : undefined;
    if (next.op === 'wait') this.house.pass(next.milliseconds);
    else if (next.op === 'presence') {
      const worker = workers[next.worker] ?? '';
      if (!next.here) this.#left.set(worker, this.#sessionOf(worker) + 1);
      this.#on(presence(worker, { type: next.here ? 'available' : 'unavailable' }));
    } else if (next.op === 'send') {
      const id = next.id === undefined ? undefined : `m${next.id}`;
      const refersTo = next.refersTo ? 'm1' : undefined;
      this.#on(message({ from: senders[next.sender] ?? '', id, refersTo, size: 50 }));
    } else if (tried !== undefined) {
      this.#answer(next.what, tried, next.bare);
    }
    const answered = next.op === 'answer' && next.bare ? this.#lastAt(tried) : tried;
    this.#look(answered);
    const failed = next.op === 'answer' && (next.what === 'error' || next.what === 'gone');
    if (failed && answered !== undefined) this.#failures.push(answered);
  }

  /** The failures of the same message before. Only ids of ours are never used again. */
  #failuresOf({ from, id }: Seen): readonly Seen[] {
    return id.startsWith('id-') ? this.#failures.filter((each) => each.from === from && each.id === id) : [];
  }

  #sessionOf(worker: string): number {
    return this.#left.get(worker) ?? 0;
  }

  /** An account that answers says nothing of the resource: it is the last of its own that got what has this name. */
  #lastAt(tried: Seen | undefined): Seen | undefined {
    if (tried === undefined) return undefined;
    const bare = (to: string): string => to.slice(0, to.indexOf('/'));
    return this.#seen.findLast(
      ({ to, from, id }) => from === tried.from && id === tried.id && bare(to) === bare(tried.to),
    );
  }

  #answer(what: 'receipt' | 'reply' | 'error' | 'gone', { to, from, id }: Seen, bare: boolean): void {
    const failed = what === 'error' || what === 'gone';
    const worker = failed && bare ? to.slice(0, to.indexOf('/')) : to;
    const condition = what === 'gone' ? 'service-unavailable' : 'not-acceptable';
    if (failed) {
      this.#on(message({ type: 'error', from: worker, to: from, id, error: { condition, type: 'cancel' } }));
    } else if (what === 'receipt') {
      this.#on(message({ from: worker, to: from, id: 'r', signal: true, receipt: id, refersTo: id }));
    } else {
      this.#on(message({ from: worker, to: from, id: 'r' }));
    }
  }

  #on(stanza: Parameters<House['on']>[0]): void {
    this.#stanzas += 1;
    assert.ok(this.house.on(stanza) !== undefined, 'every stanza has an end');
  }

  /** @param failed What failed in this step, if anything did: nothing else may be sent, and not to that worker. */
  #look(failed: Seen | undefined): void {
    for (const written of this.house.out.take()) {
      if (written.call === 'ping') {
        this.#on({ kind: 'iq-response', from: written.to, to: written.from, id: written.id, error: undefined });
      }
      if (written.call !== 'forward') continue;
      const { to, from } = written;
      const id = written.message.id ?? '';
      assert.ok(id !== '', 'every message has an id');
      if (failed !== undefined) {
        assert.deepEqual([from, id], [failed.from, failed.id], 'only what failed is sent again');
        const again = [...this.#failuresOf(failed), failed].find(
          (each) => each.to === to && each.session === this.#sessionOf(to),
        );
        assert.equal(again, undefined, 'not to a worker that failed');
      }
      this.#seen.push({ to, from, id, session: this.#sessionOf(to) });
    }
    assert.equal(this.house.out.outcomes.length - this.#before, this.#stanzas);
    for (const member of this.pool.roster) {
      const open = this.pool.ring.openOf(member);
      const inFlight = member.inFlight(this.house.now);
      assert.ok(inFlight >= 0 && inFlight <= open, 'nothing is in flight that is not open');
    }
  }
}

describe('the ring of recent forwards', () => {
  it('ends every forward at most once and gives none again to a worker that failed, whatever happens', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('all' as const, 'roundrobin' as const, 'leastbusy' as const),
        fc.array(step, { maxLength: 60, size: 'max' }),
        (algorithm, steps) => {
          const model = new Model(algorithm);
          for (const next of steps) model.take(next);
          model.house.pass(ringAge + 100);
          assert.deepEqual([model.pool.ring.size, model.pool.ring.bytes], [0, 0]);
          for (const member of model.pool.roster) {
            assert.equal(model.pool.ring.openOf(member), 0);
            assert.equal(member.inFlight(model.house.now), 0);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('holds its bounds in count, bytes and age under any stream, and gives everything back', () => {
    const stream = fc.array(
      fc.record({
        ring: fc.nat(2),
        burst: fc.constantFrom(1, 10, 3_000, 12_000),
        size: fc.constantFrom(0, 300, 20_000, 400_000),
        pause: fc.constantFrom(0, 1_000, 20_000),
        answered: fc.boolean(),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(stream, fc.constantFrom(500_000, 6 * 1024 * 1024, 64 * 1024 * 1024), (bursts, limit) => {
        const rings = new Rings(limit);
        const out = new RecordingOut();
        const pools = ['x', 'y', 'z'].map((name) => new Ring(name, rings));
        const member = newMember(1);
        let now = 1_000_000;
        let given = 0;
        for (const { ring: which, burst, size, pause, answered } of bursts) {
          const ring = pools[which];
          assert.ok(ring !== undefined);
          for (let n = 0; n < burst; n += 1) {
            given += 1;
            ring.add(blankConversation, member, message({ id: `${given}`, size }), undefined, true, now);
            const last = ring.find(blankConversation, `${given}`);
            if (answered && last !== undefined) ring.release(last);
          }
          for (const { size: count, bytes } of pools) {
            assert.ok(count <= ringCount, `${count} messages`);
            assert.ok(bytes <= ringBytes, `${bytes} bytes`);
          }
          assert.ok(rings.used <= limit, `${rings.used} bytes in all`);
          assert.equal(
            pools.reduce((sum, { bytes }) => sum + bytes, 0),
            rings.used,
          );
          now += pause;
          rings.tick(now, out);
          for (const { oldestAt } of pools) assert.ok(oldestAt === undefined || now - oldestAt < ringAge);
        }
        rings.tick(now + ringAge, out);
        assert.deepEqual([rings.used, ...pools.map(({ size }) => size)], [0, 0, 0, 0]);
      }),
      { numRuns: 30 },
    );
  });

  it('finds what went out last with an id, and nothing that it has forgotten, however it grows and shrinks', () => {
    const bursts = fc.array(
      fc.record({
        burst: fc.constantFrom(1, 3, 40, 700),
        ids: fc.constantFrom(400, 2_000),
        pause: fc.constantFrom(0, 100, 9_000, 20_000),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(bursts, (all) => {
        const rings = new Rings(64 * 1024 * 1024);
        const out = new RecordingOut();
        const ring = new Ring(jobs, rings);
        const members = [newMember(1), newMember(2), newMember(3)] as const;
        const talks = [1, 2].map((serial): Conversation => ({ ...blankConversation, serial }));
        const expected: {
          readonly id: string;
          readonly talk: Conversation;
          readonly at: number;
          readonly worker: Member;
        }[] = [];
        let now = 1_000_000;
        let sent = 0;
        for (const { burst, ids, pause } of all) {
          for (let n = 0; n < burst; n += 1) {
            sent += 1;
            const [id, talk, worker] = [`${(sent * 7) % ids}`, talks[sent % 2], members[sent % 3]];
            assert.ok(talk !== undefined && worker !== undefined);
            ring.add(talk, worker, message({ id }), undefined, true, now);
            expected.push({ id, talk, at: now, worker });
          }
          now += pause;
          rings.tick(now, out);
          while (expected.length > ringCount || now - (expected[0]?.at ?? now) >= ringAge) expected.shift();
          assert.equal(ring.size, expected.length);
          const newest = new Map(expected.map((one) => [`${one.talk.serial} ${one.id}`, one]));
          for (const talk of talks) {
            for (let n = 0; n < ids; n += 1) {
              const [found, wanted] = [ring.find(talk, `${n}`), newest.get(`${talk.serial} ${n}`)];
              assert.deepEqual(
                [found?.at, found?.worker, found?.message?.id],
                [wanted?.at, wanted?.worker, wanted?.id],
              );
            }
          }
          for (const member of members) {
            assert.equal(ring.openOf(member), expected.filter(({ worker }) => worker === member).length);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('forgets the oldest first, and counts what nobody had answered', () => {
    const rings = new Rings(64 * 1024 * 1024);
    const out = new RecordingOut();
    const ring = new Ring(jobs, rings);
    const member = newMember(1);
    const add = (id: string): void => ring.add(blankConversation, member, message({ id }), undefined, false, 1_000);
    add('first');
    add('second');
    const second = ring.find(blankConversation, 'second');
    assert.ok(second !== undefined);
    ring.advance(second, member, 'over');
    let added = 2;
    for (; ring.find(blankConversation, 'second') !== undefined; added += 1) add(`${added}`);
    assert.equal(ring.find(blankConversation, 'first'), undefined);
    assert.ok(ring.find(blankConversation, '2') !== undefined);
    rings.tick(1_000, out);
    assert.equal(out.events.get('ring-evicted'), 1);
  });
});
