import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { CommandEnd, CommandResult } from '../../src/core/commands/command.ts';
import { admin, House, poolSettings, presence, serviceSettings } from './house.ts';

const one = 'w@work.example/one';
const two = 'w@work.example/two';
const desk = 'desk@pools.example';

/** A house to which an operator has something to say. */
class Hall extends House {
  give(name: string, given: Readonly<Record<string, unknown>> = {}): CommandResult {
    return this.router.perform(`service.${name}`, admin, given, this.now);
  }

  count(given: Readonly<Record<string, unknown>>): unknown {
    const result = this.give('announce', given);
    ok('done' in result && 'count' in result.done, JSON.stringify(result));
    return result.done.count;
  }

  /** Who was told what since the last look. */
  heard(): readonly string[] {
    return this.out
      .take()
      .flatMap((written) => (written.call === 'announce' ? [`${written.from} ${written.to} ${written.text}`] : []));
  }

  ends(): readonly string[] {
    return this.out.notices.filter(({ event }) => event === 'announced').map(({ text }) => text);
  }
}

function hall(): Hall {
  const owners = ['ada@home.example', '*@home.example', 'home.example', 'bob@home.example/x'];
  const house = new Hall(serviceSettings([poolSettings({ owners }), poolSettings({ name: 'desk', owners })]));
  house.router.linkUp(house.now);
  for (const worker of [one, two]) house.join(worker);
  house.join(one, { to: desk });
  return house;
}

describe('router: announcements', () => {
  it('go to each worker once, from the service', () => {
    const house = hall();
    equal(house.count({ text: 'hello' }), 2);
    house.pass(100);
    deepEqual(house.heard(), [`pools.example ${one} hello`, `pools.example ${two} hello`]);
    house.pass(1_000);
    deepEqual(house.heard(), []);
    deepEqual(house.ends(), ['an announcement was sent to 2']);
    equal(house.router.held.announcements, 0);
  });

  it('go to the workers of one pool, from it, but to none that can get nothing', () => {
    const house = hall();
    equal(house.count({ text: 'hello', pool: 'desk' }), 1);
    house.pass(100);
    deepEqual(house.heard(), [`${desk} ${one} hello`]);
    house.router.perform('workers.suspend', admin, { worker: one, pool: 'desk' }, house.now);
    equal(house.count({ text: 'hello', pool: 'desk' }), 0);
    equal(house.router.held.announcements, 0);
  });

  it('go to owners who are named by an address', () => {
    const house = hall();
    equal(house.count({ text: 'hello', to: 'owners' }), 2);
    house.pass(100);
    deepEqual(house.heard(), ['pools.example ada@home.example hello', 'pools.example bob@home.example hello']);
  });

  it('take their time, and wait for the link and for the server to read', () => {
    const house = hall();
    for (let n = 0; n < 50; n += 1) house.on(presence(`x@work.example/${n}`));
    house.out.take();
    equal(house.count({ text: 'hello' }), 52);
    house.pass(100);
    equal(house.heard().length, 20);
    house.router.linkDown();
    house.pass(500);
    deepEqual(house.heard(), []);
    house.router.linkUp(house.now);
    house.out.sent = 'congested';
    house.pass(500);
    house.out.take();
    house.out.sent = 'sent';
    house.pass(500);
    equal(house.heard().length, 32);
    deepEqual(house.ends(), ['an announcement was sent to 52']);
  });

  it('are a few at a time, short, and over when the service ends', () => {
    const house = hall();
    house.router.linkDown();
    for (let n = 0; n < 8; n += 1) equal(house.count({ text: `hello ${n}` }), 2);
    const ninth = house.give('announce', { text: 'hello' });
    deepEqual('refused' in ninth && ninth.refused, 'command-busy');
    for (const text of ['', 'x'.repeat(2_001), 7]) {
      const result = house.give('announce', { text });
      deepEqual('refused' in result && [result.refused, result.field], ['command-input', 'text']);
    }
    house.router.drain();
    equal(house.router.held.announcements, 0);
    deepEqual(new Set(house.ends()), new Set(['an announcement was sent to 0, and not to 2']));
  });

  it('are taken down without their words', () => {
    const house = hall();
    house.count({ text: 'the secret party', to: 'workers' });
    const [line] = house.out.notices.filter(({ event }) => event === 'command');
    equal(line?.text, 'admin@example gave service.announce to=workers: done');
  });
});

describe('router: commands about the service', () => {
  it('tell how stanzas ended, of all pools or of one', () => {
    const house = hall();
    const all = house.give('statistics');
    deepEqual('done' in all && all.done, {
      since: '2027-01-15T08:00:00.000Z',
      total: 8,
      outcomes: [
        { outcome: 'forwarded', reason: '', pool: 'jobs', count: 5 },
        { outcome: 'bounced', reason: 'no-worker', pool: 'jobs', count: 2 },
        { outcome: 'bounced', reason: 'unreachable', pool: '', count: 1 },
      ],
      text: 'Stanzas since 2027-01-15T08:00:00.000Z: 8.',
    });
    const one = house.give('statistics', { pool: 'jobs' });
    ok('done' in one && 'total' in one.done);
    equal(one.done.total, 7);
  });

  it('reload the configuration and shut the service down, by what is around the core', async () => {
    const asked: string[] = [];
    const end: CommandEnd = { refused: 'reload-refused', text: 'no' };
    const house = new Hall(serviceSettings([]), undefined, {
      reload: () => {
        asked.push('reload');
        return Promise.resolve(end);
      },
      shutdown: () => asked.push('shutdown'),
    });
    const reload = house.give('reload');
    deepEqual('later' in reload && (await reload.later), end);
    const shutdown = house.give('shutdown');
    ok('done' in shutdown && 'text' in shutdown.done);
    match(String(shutdown.done.text), /ends/);
    deepEqual(asked, ['reload', 'shutdown']);
  });
});
