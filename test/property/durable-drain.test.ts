import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import type { StoredDelivery } from '../../src/core/delivery-state.ts';
import { DurableHouse, durablePool, type Given } from '../router/durable-house.ts';
import { message, presence } from '../router/house.ts';

const workers = ['a@work.example/1', 'a@work.example/2', 'b@work.example/1', 'c@work.example/1'] as const;
const senders = ['s@far.example/1', 't@far.example/1', 'u@far.example'] as const;
const every: readonly StoredDelivery['state'][] = ['ready', 'leased', 'dead'];

type Step =
  | { readonly do: 'send'; readonly from: number; readonly origin: number; readonly receipt: boolean }
  | { readonly do: 'join' | 'leave' | 'busy'; readonly worker: number }
  | {
      readonly do: 'receipt' | 'twice' | 'error' | 'stranger' | 'ack' | 'nack' | 'final' | 'extend';
      readonly which: number;
    }
  | { readonly do: 'wait'; readonly time: number }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: 'settle' | 'cut' | 'attach' | 'fail' | 'heal' | 'crash' | 'redrive' };

const index = fc.nat({ max: 11 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      from: fc.nat({ max: 2 }),
      origin: fc.nat({ max: 40 }),
      receipt: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('join' as const, 'leave' as const, 'busy' as const),
      worker: fc.nat({ max: 3 }),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'receipt' as const,
        'receipt' as const,
        'twice' as const,
        'error' as const,
        'stranger' as const,
        'ack' as const,
        'nack' as const,
        'final' as const,
        'extend' as const,
      ),
      which: index,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait' as const), time: fc.constantFrom(100, 900, 2_500, 6_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: index }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'settle' as const,
        'settle' as const,
        'settle' as const,
        'cut' as const,
        'attach' as const,
        'fail' as const,
        'heal' as const,
        'crash' as const,
        'redrive' as const,
      ),
    }),
  },
);

/** What a test of the whole knows beside the router: what was accepted, and what became of it. */
class Trial {
  house: DurableHouse;
  readonly pool: ReturnType<typeof durablePool>;
  readonly ordered: boolean;
  readonly ack: 'receipt' | 'processed';
  attached = false;
  crashed = false;
  sent = 0;
  /** By id of the delivery: the accounts that were ever given it. */
  readonly holders = new Map<number, Set<string>>();
  /** Ids of what one of them has acknowledged, or an operator has cancelled: only these may go. */
  readonly mayGo = new Set<number>();
  stored: readonly number[] = [];
  /** What workers were given, the last 12. */
  readonly given: Given[] = [];
  /** By key: the number of the message that was given last for the first time. */
  readonly order = new Map<string, number>();

  constructor(ordered: boolean, ack: 'receipt' | 'processed') {
    this.ordered = ordered;
    this.ack = ack;
    this.pool = durablePool({
      ack,
      capacity: 2,
      ackTimeout: 5_000,
      maxAttempts: 3,
      backoff: { min: 500, max: 2_000 },
      ttl: 60_000,
      ordering: ordered ? 'sender' : 'none',
      queue: { maxMessages: 20, maxBytes: 1024 * 1024, perSender: 1, overflow: 'reject' },
    });
    this.house = new DurableHouse(this.pool);
    this.attach();
  }

  attach(): void {
    if (this.attached) return;
    this.attached = true;
    this.house.router.linkUp(this.house.now);
    this.house.answerPings();
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const each of steps) {
      await this.take(each);
      await this.look();
    }
  }

  async take(each: Step): Promise<void> {
    const { house } = this;
    switch (each.do) {
      case 'send': {
        const from = senders[each.from] ?? senders[0];
        this.sent += 1;
        const originId = each.origin < 5 ? `o${each.origin}` : undefined;
        const body = originId ?? `n${this.sent}`;
        house.on(
          message({ from, id: `m${this.sent}`, tail: `<body>${body}</body>`, originId, wantsReceipt: each.receipt }),
        );
        break;
      }
      case 'join':
        house.on(presence(workers[each.worker] ?? ''));
        break;
      case 'leave':
        house.on(presence(workers[each.worker] ?? '', { type: 'unavailable' }));
        break;
      case 'busy':
        house.on(presence(workers[each.worker] ?? '', { show: 'dnd' }));
        break;
      case 'wait':
        await house.wait(each.time);
        break;
      case 'settle':
        await house.settle();
        break;
      case 'cut':
        this.attached = false;
        house.router.linkDown();
        break;
      case 'attach':
        this.attach();
        break;
      case 'fail':
        house.mood = 'failing';
        break;
      case 'heal':
        house.mood = 'well';
        break;
      case 'crash':
        await this.crash();
        break;
      case 'redrive': {
        const pool = house.router.pools.get('jobs');
        if (pool !== undefined) house.router.deliveries.view.redrive(pool, 'all', 100);
        break;
      }
      case 'cancel': {
        const { rows } = await house.store.read({ want: 'list', pool: 'jobs', states: every, after: 0, limit: 50 });
        const pool = house.router.pools.get('jobs');
        const row = rows[each.which];
        // One that is cancelled without a link, and comes back after a crash, comes late.
        if (pool === undefined || row === undefined || this.ordered) break;
        this.mayGo.add(row.id);
        void house.router.deliveries.view.cancel(pool, [row.id]).catch(() => undefined);
        break;
      }
      default:
        this.answer(each.do, each.which);
    }
  }

  answer(what: string, which: number): void {
    const given = this.given[which];
    if (given === undefined || !this.attached) return;
    const {
      to: worker,
      from: proxy,
      message: { id },
      assurance,
    } = given;
    const base = { from: worker, to: proxy, type: 'chat' as const, id: `w-${id}` };
    const receipt = {
      ...base,
      receipt: id,
      refersTo: id,
      signal: true,
      tail: `<received xmlns='urn:xmpp:receipts' id='${id}'/>`,
    };
    const control = (changes: object): void =>
      void this.house.on(message({ ...base, signal: true, tail: '', ...changes }));
    const { token = 'none' } = assurance;
    const account = what === 'stranger' ? 'c@work.example' : (worker.split('/')[0] ?? '');
    const speaks = what === 'ack' || (['receipt', 'twice', 'stranger'].includes(what) && assurance.token === undefined);
    const number = Number.parseInt(assurance.stanzaId, 32);
    // Who has it by now, though it is still to be sent, is believed as well.
    const leased = this.house.router.deliveries.queues.get('jobs')?.begun.get(number)?.wasWith(account) === true;
    if (speaks && (leased || this.holders.get(number)?.has(account) === true)) this.mayGo.add(number);
    const nack = { do: 'nack' as const, token, delay: undefined, error: undefined };
    const failed = { condition: 'service-unavailable', type: 'cancel' as const };
    const says: Record<string, () => void> = {
      receipt: () => void this.house.on(message(receipt)),
      twice: () => {
        this.house.on(message(receipt));
        this.house.on(message({ ...receipt, from: `${account}/other` }));
      },
      stranger: () => void this.house.on(message({ ...receipt, from: `${account}/1` })),
      error: () => void this.house.on(message({ ...base, id, type: 'error', error: failed })),
      ack: () => control({ controls: [{ do: 'ack', token }] }),
      nack: () => control({ controls: [{ ...nack, requeue: true }] }),
      final: () => control({ controls: [{ ...nack, requeue: false }] }),
      extend: () => control({ controls: [{ do: 'extend', token, by: 3_000 }] }),
    };
    says[what]?.();
  }

  /** The process dies: what it had not committed is gone, and another one takes over. */
  async crash(): Promise<void> {
    await this.look();
    this.crashed = true;
    const { mood } = this.house;
    this.house = await this.house.restarted(this.pool);
    this.house.mood = mood;
    this.attached = false;
    this.given.length = 0;
    this.attach();
  }

  /** A worker was given something: its lease is on disk, and its turn had come. */
  async note(written: Given): Promise<void> {
    this.given.unshift(written);
    this.given.length = Math.min(12, this.given.length);
    const id = Number.parseInt(written.assurance.stanzaId, 32);
    const holders = this.holders.get(id) ?? new Set();
    this.holders.set(id, holders.add(written.to.split('/')[0] ?? ''));
    const [row] = (await this.house.store.read({ want: 'ids', pool: 'jobs', ids: [id] })).rows;
    // It may have been acknowledged since.
    if (row === undefined) return;
    ok(row.attempt >= written.assurance.attempt, 'sent before its lease was stored');
    if (!this.ordered || written.assurance.attempt > 1) return;
    ok(id > (this.order.get(row.sender) ?? 0), 'out of order');
    this.order.set(row.sender, id);
  }

  /** What must hold at any moment. */
  async look(): Promise<void> {
    const { house } = this;
    for (const written of house.out.take()) {
      if (written.call === 'ping' && this.attached) {
        house.on({ kind: 'iq-response', from: written.to, to: written.from, id: written.id, error: undefined });
      }
      if (written.call === 'deliver') await this.note(written);
    }
    const { rows } = await house.store.read({ want: 'list', pool: 'jobs', states: every, after: 0, limit: 500 });
    const now = new Set(rows.map(({ id }) => id));
    for (const id of this.stored) ok(now.has(id) || this.mayGo.has(id), 'a message is lost');
    this.stored = [...now];
    this.lookAtWorkers();
  }

  lookAtWorkers(): void {
    const { house } = this;
    const queue = house.router.deliveries.queues.get('jobs');
    for (const member of house.router.pools.get('jobs')?.roster ?? []) {
      const held = [...(queue?.heldBy(member.jid) ?? [])].filter(({ holds }) =>
        holds.some((hold) => hold.member === member),
      );
      equal(member.duty?.held, held.length, `${member.jid} holds what is counted`);
      // What another session of the worker had counts for it after a restart.
      ok(this.crashed || (member.duty?.held ?? 0) <= 2, 'over capacity');
    }
  }

  /** All is well for long enough: nothing may be left. */
  async drain(): Promise<void> {
    const { house } = this;
    house.mood = 'well';
    this.attach();
    for (let turn = 0; turn < 60; turn += 1) {
      for (const worker of workers) house.on(presence(worker));
      await house.wait(1_000);
      await this.look();
      for (const given of this.given.splice(0)) {
        const {
          to: from,
          from: to,
          message: { id },
          assurance: { token, stanzaId },
        } = given;
        this.mayGo.add(Number.parseInt(stanzaId, 32));
        const done =
          token === undefined ? { receipt: id, refersTo: id } : { controls: [{ do: 'ack' as const, token }] };
        house.on(message({ from, to, id: `d-${id}`, signal: true, tail: '', ...done }));
      }
      await house.settle();
    }
    const queue = house.router.deliveries.queues.get('jobs');
    const { rows } = await house.store.read({
      want: 'list',
      pool: 'jobs',
      states: ['ready', 'leased'],
      after: 0,
      limit: 50,
    });
    deepEqual(
      rows.map(({ id, state, attempt }) => [id, state, attempt]),
      [],
      'rows are left',
    );
    deepEqual(
      [queue?.ready.size, queue?.leased, queue?.arriving, queue?.ending.size, queue?.quota.messages, queue?.begun.size],
      [0, 0, 0, 0, 0, 0],
    );
    const tally = queue?.tally ?? { accepted: 0, acknowledged: 0, bounced: 0, purged: 0 };
    equal(tally.accepted, tally.acknowledged + tally.bounced + tally.purged + (queue?.dead ?? 0), 'the ledger adds up');
    const [stored] = (await house.store.load()).queues;
    if (stored !== undefined) deepEqual(stored.tally, { ...tally, last: stored.tally.last });
  }
}

describe('durable delivery, whatever happens', () => {
  const cases = [false, true].flatMap((ordered) =>
    (['receipt', 'processed'] as const).map((ack) => ({ ordered, ack })),
  );
  for (const { ordered, ack } of cases) {
    it(`loses nothing, and leaves nothing behind, acknowledged as ${ack}${ordered ? ', in order' : ''}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80, size: 'max' }), async (steps) => {
          const trial = new Trial(ordered, ack);
          await trial.run(steps);
          await trial.drain();
        }),
        { numRuns: Number(process.env['FUZZ_RUNS'] ?? 120) },
      );
    });
  }
});
