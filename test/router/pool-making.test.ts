import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import type { Caller, CommandEnd, PoolBook } from '../../src/core/commands/command.ts';
import { isTooDeep, type JsonObject, mergePatch } from '../../src/core/commands/merge-patch.ts';
import { fieldOfKey } from '../../src/core/commands/pool-fields.ts';
import { admin, deliverySettings, emptySnapshot, House, message, poolSettings, serviceSettings } from './house.ts';

const owner: Caller = { role: 'owner', name: 'ada@home.example' };
const made = {
  settings: { workers: ['*@work.example'], delivery: { ack: 'receipt' } },
  by: 'bob@x',
  at: 1_800_000_000_000,
};

/** A book that keeps what it is asked. */
class Recorder implements PoolBook {
  readonly asked: unknown[] = [];

  find(name: string): typeof made | undefined {
    return name === 'night' ? made : undefined;
  }

  make(name: string, settings: JsonObject, by: string): Promise<CommandEnd> {
    return this.#done('make', name, settings, by);
  }

  change(name: string, settings: JsonObject, by: string): Promise<CommandEnd> {
    return this.#done('change', name, settings, by);
  }

  remove(name: string): Promise<CommandEnd> {
    return this.#done('remove', name);
  }

  #done(...asked: unknown[]): Promise<CommandEnd> {
    this.asked.push(asked);
    return Promise.resolve({ done: {} });
  }
}

describe('router: pools that are made by command', () => {
  let pools: Recorder;
  let house: House;

  beforeEach(() => {
    pools = new Recorder();
    const owners = ['ada@home.example'];
    const delivery = deliverySettings({ guarantee: 'at-least-once', ack: 'receipt' });
    const settings = [poolSettings({ owners }), poolSettings({ name: 'night', owners, delivery })];
    house = new House(serviceSettings(settings), emptySnapshot, { pools });
    house.router.linkUp(house.now);
  });

  async function give(verb: string, given: Readonly<Record<string, unknown>>, caller = admin): Promise<unknown> {
    const result = house.router.perform(`pools.${verb}`, caller, given, house.now);
    const end = 'later' in result ? await result.later : result;
    return 'refused' in end ? [end.refused, end.field] : end.done;
  }

  it('get what was given as the keys of the configuration, texts and JSON alike', async () => {
    const texts = {
      name: 'day',
      title: 'Day',
      workers: 'a@b, c@d',
      senders: '',
      algorithm: 'weighted',
      offer: '',
      guarantee: 'at-least-once',
      ackTimeout: '1m',
      maxAttempts: '3',
      maxMessages: '50',
      weights: 'big@b=5 *@c=2',
      settings: '{"rate": {"perSender": "10/s"}, "delivery": {"ordering": "sender"}}',
    };
    const values = {
      ...texts,
      workers: ['a@b', 'c@d'],
      senders: null,
      offer: [],
      maxAttempts: 3,
      maxMessages: 50,
      weights: { 'big@b': 5, '*@c': 2 },
      settings: { rate: { perSender: '10/s' }, delivery: { ordering: 'sender' } },
    };
    await give('create', texts);
    await give('create', values);
    const settings = {
      rate: { perSender: '10/s' },
      delivery: {
        ordering: 'sender',
        guarantee: 'at-least-once',
        ackTimeout: '1m',
        maxAttempts: 3,
        queue: { maxMessages: 50 },
      },
      name: 'Day',
      workers: ['a@b', 'c@d'],
      algorithm: 'weighted',
      weights: { 'big@b': 5, '*@c': 2 },
    };
    deepEqual(pools.asked, [
      ['make', 'day', settings, 'admin@example'],
      ['make', 'day', settings, 'admin@example'],
    ]);
  });

  it('are not made without a name or workers, nor of what is no setting', async () => {
    deepEqual(await give('create', { workers: 'a@b' }), ['command-input', 'name']);
    deepEqual(await give('create', { name: 'day' }), ['command-input', 'workers']);
    deepEqual(await give('create', { name: 'day', workers: [] }), ['command-input', 'workers']);
    deepEqual(await give('create', { name: 'day', workers: [7] }), ['command-input', 'workers']);
    deepEqual(await give('create', { name: 'day', workers: Array(1_001).fill('a@b') }), ['command-input', 'workers']);
    const wrong = [
      '{',
      '[]',
      '7',
      [],
      7,
      true,
      `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
      JSON.stringify({ a: 'x'.repeat(20_000) }),
    ];
    for (const settings of wrong) {
      deepEqual(await give('create', { name: 'day', workers: 'a@b', settings }), ['command-input', 'settings']);
    }
    for (const weights of ['a@b', 'a@b=x', '=5', [5], { a: { b: 1 } }, 7]) {
      deepEqual(await give('create', { name: 'day', workers: 'a@b', weights }), ['command-input', 'weights']);
    }
    deepEqual(await give('create', { name: 'day', workers: 'a@b' }, owner), ['command-forbidden', undefined]);
    deepEqual(pools.asked, []);
  });

  it('are changed where something is said; null takes a key out', async () => {
    await give('edit', { pool: 'night', ackTimeout: '5s', settings: { delivery: { ack: null, ordering: 'thread' } } });
    deepEqual(pools.asked, [
      [
        'change',
        'night',
        { workers: ['*@work.example'], delivery: { ordering: 'thread', ackTimeout: '5s' } },
        'admin@example',
      ],
    ]);
    deepEqual(await give('edit', { pool: 'jobs', title: 'x' }), ['pool-fixed', 'pool']);
    deepEqual(await give('edit', { pool: 'nowhere', title: 'x' }), ['command-target', 'pool']);
  });

  it('may be changed by their owners, but for what is not among the fields', async () => {
    deepEqual(await give('edit', { pool: 'night', title: 'Mine' }, owner), {});
    deepEqual(await give('edit', { pool: 'night', settings: { pubsub: [] } }, owner), [
      'command-forbidden',
      'settings',
    ]);
    deepEqual(await give('delete', { pool: 'night' }, owner), ['command-forbidden', undefined]);
    deepEqual(await give('edit', { pool: 'night', title: 'x' }, { role: 'owner', name: 'eve@x' }), [
      'command-target',
      'pool',
    ]);
    equal(pools.asked.length, 1);
  });

  it('are deleted when their queue is empty, or it is said that this is meant', async () => {
    deepEqual(await give('delete', { pool: 'jobs' }), ['pool-fixed', 'pool']);
    house.on(message({ to: 'night@pools.example' }));
    house.out.settle();
    deepEqual(await give('delete', { pool: 'night' }), ['pool-holds-messages', undefined]);
    deepEqual(pools.asked, []);
    deepEqual(await give('delete', { pool: 'night', force: true }), {});
    deepEqual(pools.asked, [['remove', 'night']]);
  });

  it('are shown with where they come from', async () => {
    const origin = async (pool: string) => {
      const shown = await give('show', { pool });
      ok(typeof shown === 'object' && shown !== null && 'origin' in shown && 'madeBy' in shown && 'settings' in shown);
      return [shown.origin, shown.madeBy, shown.settings];
    };
    deepEqual(await origin('jobs'), ['file', null, null]);
    deepEqual(await origin('night'), ['made', 'bob@x', made.settings]);
  });

  it('name the field that stands for a key', () => {
    const keys = ['workers[0]', 'delivery.ackTimeout', 'delivery.queue.maxMessages', 'name', 'weights["a@b"]'];
    deepEqual(keys.map(fieldOfKey), ['workers', 'ackTimeout', 'maxMessages', 'title', 'weights']);
    deepEqual(['delivery', 'nameless', 'rate.perSender', ''].map(fieldOfKey), Array(4).fill('settings'));
  });
});

describe('a merge patch', () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  const object = fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', '__proto__', 'constructor'), fc.string()), json);

  it('does as RFC 7396 has it', () => {
    // The examples of its appendix A that are objects.
    const examples: readonly (readonly [JsonObject, JsonObject, JsonObject])[] = [
      [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
      [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
      [{ a: 'b' }, { a: null }, {}],
      [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
      [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
      [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
      [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
      [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
      [{ e: null }, { a: 1 }, { e: null, a: 1 }],
      [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    ];
    for (const [target, patch, result] of examples) deepEqual(mergePatch(target, patch), result);
  });

  it('changes no prototype, and is done when it is done twice', () => {
    fc.assert(
      fc.property(object, object, (target, patch) => {
        const once = mergePatch(target, patch);
        equal(Object.getPrototypeOf(once), Object.prototype);
        equal(Reflect.get({}, 'polluted'), undefined);
        deepEqual(mergePatch(once, patch), once);
      }),
    );
    deepEqual(Object.keys(mergePatch({}, JSON.parse('{"__proto__": {"polluted": 1}}'))), ['__proto__']);
  });

  it('is not walked through where it is too deep', () => {
    equal(isTooDeep({ a: { b: { c: [{ d: 1 }] } } }), false);
    equal(isTooDeep(JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`)), true);
  });
});
