import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { CommandEnd, CommandHouse } from '../../src/core/commands/command.ts';
import { perform } from '../../src/core/commands/perform.ts';
import type { QueueDepth, Queues, Stall } from '../../src/core/commands/queues.ts';
import type { StoredDelivery } from '../../src/core/delivery-state.ts';
import { stanzaIdOf } from '../../src/core/durable/token.ts';
import { delivery } from '../store/samples.ts';
import { quietDesk } from './core-hooks.ts';
import { admin, House, poolSettings, sender, serviceSettings } from './house.ts';

const second = 1_000;
const began = 1_800_000_000_000;

function row(n: number, changes: Partial<StoredDelivery> = {}): StoredDelivery {
  return delivery(began * 2048 + n, {
    sender,
    message: `m${n}`,
    tail: '<body>hello</body>',
    bytes: 500,
    since: began,
    expires: began + 3_600 * second,
    ...changes,
  });
}

/** Queues that hold these rows, and note what is done to them. */
class RecordingQueues implements Queues {
  readonly asked: unknown[] = [];
  failure: Error | undefined;
  readonly #rows: readonly StoredDelivery[];

  constructor(rows: readonly StoredDelivery[]) {
    this.#rows = rows;
  }

  depth({ settings }: Parameters<Queues['depth']>[0]): QueueDepth | undefined {
    if (settings.name !== 'jobs') return undefined;
    const count = (state: string) => this.#rows.filter((each) => each.state === state).length;
    const tally = { accepted: 9, acknowledged: 6, bounced: 0, purged: 0 };
    return {
      ready: count('ready'),
      leased: count('leased'),
      dead: count('dead'),
      redriving: 0,
      bytes: 1500,
      oldestSince: began,
      tally,
    };
  }

  stall(): Stall {
    return { reason: 'backing-off', text: 'It is tried again.', until: began + second };
  }

  failures(): ReadonlyMap<string, number> {
    return new Map();
  }

  list(...[, states, after, limit]: Parameters<Queues['list']>): ReturnType<Queues['list']> {
    const found = this.#rows.filter(({ id, state }) => id > after && states.includes(state));
    return this.#answer({ rows: found.slice(0, limit), more: found.length > limit });
  }

  cancel(...[, ids]: Parameters<Queues['cancel']>): Promise<number> {
    this.asked.push(['cancel', ids]);
    return this.#answer(1);
  }

  purge(...[, state]: Parameters<Queues['purge']>): Promise<number> {
    this.asked.push(['purge', state]);
    return this.#answer(3);
  }

  redrive(...[, ids, perSecond]: Parameters<Queues['redrive']>): void {
    this.asked.push(['redrive', ids, perSecond]);
  }

  #answer<T>(value: T): Promise<T> {
    return this.failure === undefined ? Promise.resolve(value) : Promise.reject(this.failure);
  }
}

const rows = [
  row(1),
  row(2, { state: 'leased', attempt: 2, worker: 'w@work.example/1', leasedAt: began, deadline: began + 30 * second }),
  row(3, { state: 'dead', reason: 'max-attempts', deadAt: began + second, attempt: 5 }),
];

describe('commands about queues', () => {
  let queues: RecordingQueues;
  let house: Omit<CommandHouse, 'caller'>;

  beforeEach(() => {
    const { router } = new House(serviceSettings([poolSettings(), poolSettings({ name: 'plain' })]));
    queues = new RecordingQueues(rows);
    const never = (): never => {
      throw new Error('queues are not about workers');
    };
    const about = { domain: 'pools.example', version: '1.2.3' };
    const steering = { setAlgorithm: never, eject: never, obey: never, ask: never };
    house = {
      pools: router.pools,
      transfers: router.transfers,
      steering,
      queues,
      notice: () => undefined,
      about,
      announcements: { begin: never },
      desk: quietDesk,
    };
  });

  async function give(name: string, given: Readonly<Record<string, unknown>>): Promise<CommandEnd> {
    const result = perform(house, name, admin, given, began);
    return 'later' in result ? result.later : result;
  }

  async function done(
    name: string,
    given: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>> {
    const end = await give(name, given);
    ok('done' in end, JSON.stringify(end));
    return { ...end.done };
  }

  async function refused(name: string, given: Readonly<Record<string, unknown>>) {
    const end = await give(name, given);
    ok('refused' in end, JSON.stringify(end));
    return [end.refused, end.field];
  }

  const ids = rows.map(({ id }) => stanzaIdOf(id));

  it('show how queues are doing, and leave out pools that keep nothing', async () => {
    const { queues: shown } = await done('queue.status', {});
    deepEqual(shown, [
      {
        pool: 'jobs',
        ready: 1,
        leased: 1,
        dead: 1,
        redriving: 0,
        bytes: 1500,
        oldest: new Date(began).toISOString(),
        stall: 'backing-off',
        why: 'It is tried again.',
        until: new Date(began + second).toISOString(),
        tally: { accepted: 9, acknowledged: 6, bounced: 0, purged: 0 },
      },
    ]);
    const { queue } = await done('pools.show', { pool: 'jobs' });
    deepEqual([queue], shown);
    match(String((await done('pools.explain', { pool: 'jobs' }))['text']), /\nIt is tried again\.$/);
  });

  it('list messages by state, a page at a time', async () => {
    const listed = async (given: object) => {
      const { messages, more, text } = await done('queue.list', { pool: 'jobs', ...given });
      return [(messages as { id: string }[]).map(({ id }) => ids.indexOf(id) + 1), more, text];
    };
    deepEqual(await listed({}), [[1, 2, 3], false, 'Messages: 3.']);
    deepEqual(await listed({ state: 'leased' }), [[2], false, 'Messages: 1.']);
    deepEqual(await listed({ limit: 1 }), [[1], true, `There are more after ${ids[0]}.`]);
    deepEqual(await listed({ after: ids[0], limit: 5 }), [[2, 3], false, 'Messages: 2.']);
    const { messages } = await done('queue.dead', { pool: 'jobs' });
    deepEqual(
      (messages as { id: string; reason: string }[]).map(({ id, reason }) => [id, reason]),
      [[ids[2], 'max-attempts']],
    );
    deepEqual(await refused('queue.list', { pool: 'jobs', after: 'x y' }), ['command-input', 'after']);
    deepEqual(await refused('queue.list', { pool: 'jobs', state: 'gone' }), ['command-input', 'state']);
  });

  it('show all of one message but the secrets of its attempts', async () => {
    const history = JSON.stringify([{ worker: 'w@work.example/1', began, end: 'timeout', nonce: 'secret' }]);
    queues = new RecordingQueues([row(1, { history, attempt: 1, nonce: 'secret' }), row(2)]);
    house = { ...house, queues };
    const shown = await done('queue.show', { pool: 'jobs', id: ids[0] });
    deepEqual([shown['from'], shown['content'], shown['messageId']], [sender, '<body>hello</body>', 'm1']);
    const at = new Date(began).toISOString();
    deepEqual(shown['history'], [{ worker: 'w@work.example/1', began: at, end: 'timeout' }]);
    equal(shown['traceparent'], null);
    ok(!JSON.stringify(shown).includes('secret'));
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const tail = `<headers xmlns='http://jabber.org/protocol/shim'><header name='traceparent'>${traceparent}</header></headers>`;
    queues = new RecordingQueues([row(1, { tail })]);
    house = { ...house, queues };
    equal((await done('queue.show', { pool: 'jobs', id: ids[0] }))['traceparent'], traceparent);
    deepEqual(await refused('queue.show', { pool: 'jobs', id: stanzaIdOf(began * 2048 + 7) }), [
      'message-unknown',
      'id',
    ]);
    deepEqual(await refused('queue.show', { pool: 'jobs', id: 'UPPER' }), ['command-input', 'id']);
  });

  it('cancel, empty and redrive', async () => {
    equal((await done('queue.cancel', { pool: 'jobs', ids: `${ids[0]}, ${ids[1]}` }))['text'], 'Cancelled: 1 of 2.');
    equal((await done('queue.purge', { pool: 'jobs', state: 'dead' }))['text'], 'Deleted: 3.');
    equal((await done('queue.redrive', { pool: 'jobs', ids: ['all'] }))['text'], 'Begun: 1, at most 50 a second.');
    await done('queue.redrive', { pool: 'jobs', ids: [ids[2]], perSecond: '5' });
    deepEqual(queues.asked, [
      ['cancel', [rows[0]?.id, rows[1]?.id]],
      ['purge', 'dead'],
      ['redrive', 'all', 50],
      ['redrive', [rows[2]?.id], 5],
    ]);
  });

  it('do nothing with what cannot be', async () => {
    deepEqual(await refused('queue.cancel', { pool: 'jobs', ids: [] }), ['command-input', 'ids']);
    deepEqual(await refused('queue.cancel', { pool: 'jobs', ids: 'all' }), ['command-input', 'ids']);
    deepEqual(await refused('queue.cancel', { pool: 'jobs', ids: [ids[0], 7] }), ['command-input', 'ids']);
    deepEqual(await refused('queue.cancel', { pool: 'jobs', ids: Array(1_001).fill(ids[0]) }), [
      'command-input',
      'ids',
    ]);
    deepEqual(await refused('queue.purge', { pool: 'jobs' }), ['command-input', 'state']);
    deepEqual(await refused('queue.purge', { pool: 'jobs', state: 'leased' }), ['command-input', 'state']);
    deepEqual(await refused('queue.redrive', { pool: 'jobs', ids: 'all', perSecond: 0 }), [
      'command-input',
      'perSecond',
    ]);
    deepEqual(await refused('queue.list', { pool: 'plain' }), ['queue-none', undefined]);
    deepEqual(await refused('queue.list', { pool: 'nowhere' }), ['command-target', 'pool']);
    deepEqual(queues.asked, []);
  });

  it('say what the store could not do', async () => {
    queues.failure = new Error('disk I/O error');
    for (const [name, given] of [
      ['queue.list', {}],
      ['queue.cancel', { ids: [ids[0]] }],
      ['queue.purge', { state: 'ready' }],
    ] as const) {
      const end = await give(name, { pool: 'jobs', ...given });
      deepEqual(end, { refused: 'store-failed', text: 'The store did not do its part: disk I/O error' });
    }
  });
});
