import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import type { RunReport } from '../../src/core/transfer/run-report.ts';
import {
  admin,
  domain,
  emptySnapshot,
  House,
  jobs,
  message,
  poolSettings,
  presence,
  response,
  serviceSettings,
} from '../router/house.ts';

const more = `more@${domain}`;
const workers = ['a', 'b', 'c', 'd'].map((resource) => `w@work.example/${resource}`);

/** What can happen to a router that moves workers. */
const event = fc.oneof(
  fc.record({ do: fc.constant('join' as const), worker: fc.nat(3), pool: fc.constantFrom(jobs, more) }),
  fc.record({ do: fc.constant('leave' as const), worker: fc.nat(3), pool: fc.constantFrom(jobs, more) }),
  fc.record({
    do: fc.constant('answer' as const),
    which: fc.nat(9),
    condition: fc.constantFrom(undefined, 'not-allowed', 'service-unavailable'),
  }),
  fc.record({
    do: fc.constant('info' as const),
    which: fc.nat(9),
    feature: fc.constantFrom('urn:xmpp:cxfr', 'urn:xmpp:ping'),
  }),
  fc.record({ do: fc.constant('work' as const), pool: fc.constantFrom(jobs, more) }),
  fc.record({ do: fc.constant('pass' as const), time: fc.integer({ min: 100, max: 20_000 }) }),
  fc.record({ do: fc.constant('link' as const) }),
  fc.record({ do: fc.constant('congest' as const) }),
  fc.record({ do: fc.constant('start' as const), batch: fc.integer({ min: 1, max: 4 }), all: fc.boolean() }),
  fc.record({ do: fc.constant('cancel' as const), run: fc.integer({ min: 1, max: 5 }) }),
);

type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

class World {
  readonly house: House;
  #up = true;
  #messages = 0;
  #asked: { readonly to: string; readonly id: string; readonly info: boolean }[] = [];

  constructor(trusted: boolean, rules: boolean) {
    const pools = [poolSettings(), poolSettings({ name: 'more' })];
    const server = { host: 'n2.example', port: undefined };
    const transfers = {
      workers: trusted ? ['*'] : [],
      servers: [],
      rules: rules ? [{ server, members: [workers[0] ?? ''] }] : [],
      drain: 5_000,
      answer: 3_000,
      leave: 5_000,
      back: 10_000,
    };
    this.house = new House(serviceSettings(pools, { transfers }), emptySnapshot);
    this.house.router.linkUp(this.house.now);
  }

  happen(event: Event): void {
    const { house } = this;
    switch (event.do) {
      case 'join':
        house.on(presence(workers[event.worker] ?? '', { to: event.pool }));
        break;
      case 'leave':
        house.on(presence(workers[event.worker] ?? '', { to: event.pool, type: 'unavailable' }));
        break;
      case 'answer':
      case 'info':
        this.#answer(event);
        break;
      case 'work':
        this.#messages += 1;
        house.on(message({ to: event.pool, id: `m${this.#messages}` }));
        break;
      case 'pass':
        house.pass(event.time);
        break;
      case 'link':
        this.#up = !this.#up;
        if (this.#up) house.router.linkUp(house.now);
        else house.router.linkDown();
        break;
      case 'congest':
        house.out.sent = house.out.sent === 'sent' ? 'congested' : 'sent';
        break;
      case 'start':
        house.router.perform(
          'transfers.maintenance',
          admin,
          { ...(event.all ? { all: true } : { pool: 'jobs' }), batch: event.batch, pace: 0, maxLost: 1 },
          house.now,
        );
        break;
      case 'cancel':
        house.router.perform('transfers.cancel', admin, { id: String(event.run) }, house.now);
    }
    this.#look();
  }

  /** All that is under way comes to its end: the link is up, and time passes. */
  finish(): void {
    if (!this.#up) this.house.router.linkUp(this.house.now);
    this.#up = true;
    this.house.out.sent = 'sent';
    for (let n = 0; n < 30; n += 1) {
      this.house.pass(10_000);
      this.#look();
    }
  }

  runs(): RunReport[] {
    const list = this.house.router.perform('transfers.list', admin, {}, this.house.now);
    ok('done' in list && 'runs' in list.done && Array.isArray(list.done.runs));
    return list.done.runs.map(({ id }: { id: string }) => {
      const shown = this.house.router.perform('transfers.show', admin, { id }, this.house.now);
      ok('done' in shown);
      return shown.done as RunReport;
    });
  }

  #answer(event: Extract<Event, { do: 'answer' | 'info' }>): void {
    const asked = this.#asked[event.which];
    if (asked === undefined) return;
    const { to, id } = asked;
    if (event.do === 'info') {
      this.house.on(response(to, id, { to: domain, info: { version: '', features: [event.feature] } }));
      return;
    }
    const error = event.condition === undefined ? undefined : ({ condition: event.condition, type: 'cancel' } as const);
    this.house.on(response(to, id, { to: domain, error }));
  }

  /** Whoever was told to go, and is not over, gets nothing; nobody else is held back. */
  #look(): void {
    for (const written of this.house.out.take()) {
      if (written.call === 'transfer' || written.call === 'ask-info') {
        this.#asked.unshift({ to: written.to, id: written.id, info: written.call === 'ask-info' });
        this.#asked = this.#asked.slice(0, 10);
      }
      if (written.call === 'transfer') ok(workers.includes(written.to), 'only members are told');
    }
    const open = new Map(
      this.runs().flatMap(({ workers: all }) =>
        all.filter(({ result }) => result === null).map((one) => [one.worker, one.stage]),
      ),
    );
    for (const pool of this.house.router.pools.values()) {
      for (const member of pool.roster) {
        const stage = open.get(member.jid);
        const held = stage === undefined || stage === 'asking' ? undefined : stage === 'draining' ? stage : 'told';
        equal(member.transfer, held, `${member.jid} is ${stage ?? 'not on its way'}`);
      }
    }
  }
}

describe('property: transfers', () => {
  it('every worker that is begun with comes to one end, and nobody stays held back', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        fc.array(event, { maxLength: 60, size: 'max' }),
        (trusted, rules, events) => {
          const world = new World(trusted, rules);
          for (const one of events) world.happen(one);
          world.finish();
          for (const { id, state, ended, waiting, underWay, begun, results, workers: all } of world.runs()) {
            equal(underWay, 0, `run ${id} has workers under way`);
            equal(
              Object.values(results).reduce((sum, count) => sum + count, 0),
              begun,
              `run ${id} lost count`,
            );
            ok(all.every(({ result, ended }) => result !== null && ended !== null));
            if (id === 'rules') continue;
            deepEqual([state === 'running', waiting, ended === null], [false, 0, false], `run ${id} goes on`);
          }
          for (const stage of ['asking', 'draining', 'told', 'leaving', 'away'] as const) {
            equal(world.house.router.transfers.mover.count(stage), 0);
          }
        },
      ),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) },
    );
  });
});
