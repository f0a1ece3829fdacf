import { deepEqual, equal, ok } from 'node:assert/strict';
import { callerOf, commandsFor } from '../../src/core/commands/callers.ts';
import type { Caller, CommandResult } from '../../src/core/commands/command.ts';
import { commands } from '../../src/core/commands/perform.ts';
import type { Pool } from '../../src/core/pool/pool.ts';
import { createService, type Service } from '../../src/core/service.ts';
import { readElement } from '../../src/xmpp/codec/element-reader.ts';
import { admin, House, poolSettings, serviceSettings, testCapsVersion } from './house.ts';

const settings = serviceSettings([
  poolSettings({ owners: ['ada@home.example'] }),
  poolSettings({ name: 'desk', owners: ['bob@home.example/desk'] }),
]);
const ada: Caller = { role: 'owner', name: 'ada@home.example' };
const one = 'w@work.example/one';

function service(): Service {
  return createService(settings, new House().out, readElement, testCapsVersion);
}

/** A house with one worker in each of its two pools. */
function house(): House {
  const made = new House(settings);
  made.router.linkUp(made.now);
  made.join(one);
  made.join(one, { to: 'desk@pools.example' });
  return made;
}

function give(to: House, name: string, caller: Caller, given: Readonly<Record<string, unknown>> = {}): CommandResult {
  return to.router.perform(name, caller, given, to.now);
}

/** What became of the commands that were taken down, by whom. */
function record({ out }: House): readonly (readonly unknown[])[] {
  return out.notices
    .filter(({ event }) => event === 'command')
    .map(({ level, pool, text, each }) => [level, pool, text, each]);
}

describe('router: who gives commands', () => {
  it('is an administrator, an owner of a pool, or nobody', () => {
    const callers = ['admin@example', 'Admin@Example/phone', 'ada@home.example/x', 'bob@home.example', 'no one@x', ''];
    deepEqual(
      callers.map((jid) => callerOf(service(), jid)),
      [
        { role: 'admin', name: 'admin@example' },
        { role: 'admin', name: 'admin@example' },
        { role: 'owner', name: 'ada@home.example', jid: 'ada@home.example/x' },
        undefined,
        undefined,
        undefined,
      ],
    );
    deepEqual(callerOf(service(), 'bob@home.example/desk'), {
      role: 'owner',
      name: 'bob@home.example',
      jid: 'bob@home.example/desk',
    });
  });

  it('may give the commands of the role, at a pool those about pools', () => {
    deepEqual(commandsFor(admin), [...commands.values()]);
    const owners = commandsFor(ada).map(({ name }) => name);
    ok(owners.includes('workers.drain') && owners.includes('queue.purge') && owners.includes('pools.list'));
    deepEqual(
      owners.filter((name) => name.startsWith('transfers.')),
      [],
    );
    const { pools } = service();
    const [jobs, desk] = [...pools.values()] as [Pool, Pool];
    const atPool = commandsFor(ada, jobs).map(({ name }) => name);
    ok(atPool.includes('workers.drain') && !atPool.includes('pools.list'));
    deepEqual(commandsFor(ada, desk), []);
    ok(commandsFor(admin, desk).some(({ name }) => name === 'transfers.maintenance'));
  });

  it('knows of no pool but his own, when he is an owner', () => {
    const works = house();
    const list = give(works, 'pools.list', ada);
    ok('done' in list && 'pools' in list.done && Array.isArray(list.done.pools));
    deepEqual(
      list.done.pools.map(({ pool }) => pool),
      ['jobs'],
    );
    const workers = give(works, 'workers.list', ada);
    ok('done' in workers && 'total' in workers.done);
    equal(workers.done.total, 1);
    for (const name of ['pools.show', 'pools.explain', 'queue.status', 'workers.list']) {
      deepEqual(give(works, name, ada, { pool: 'desk' }), give(works, name, ada, { pool: 'nowhere' }), name);
    }
    give(works, 'workers.eject', ada, { worker: one });
    deepEqual(
      [...works.router.pools.values()].map(({ roster }) => roster.size),
      [0, 1],
    );
  });

  it('may not give a command for administrators, and that is taken down', () => {
    const works = house();
    deepEqual(give(works, 'transfers.maintenance', ada, { pool: 'jobs' }), { refused: 'command-forbidden' });
    deepEqual(give(works, 'no.such', ada), { refused: 'command-unknown' });
    deepEqual(record(works), [
      ['warn', 'jobs', 'ada@home.example gave transfers.maintenance pool=jobs: command-forbidden', true],
    ]);
  });
});

describe('router: the record of commands', () => {
  it('has each that does more than read, with its outcome', () => {
    const works = house();
    give(works, 'workers.list', admin);
    give(works, 'workers.drain', admin, { worker: one, pool: 'jobs' });
    give(works, 'workers.drain', admin, { worker: 'x'.repeat(200), pool: 'nowhere' });
    give(works, 'workers.weight', ada, { worker: one, weight: -1 });
    deepEqual(record(works), [
      ['info', 'jobs', `admin@example gave workers.drain worker=${one} pool=jobs: done`, true],
      [
        'warn',
        undefined,
        `admin@example gave workers.drain worker=${'x'.repeat(100)}... pool=nowhere: command-target`,
        true,
      ],
      ['warn', undefined, `ada@home.example gave workers.weight worker=${one} weight=-1: command-input`, true],
    ]);
  });

  it('has those that wait for the store once that has answered', async () => {
    const works = house();
    const result = give(works, 'pools.algorithm', admin, { pool: 'jobs', algorithm: 'leastbusy' });
    ok('later' in result);
    deepEqual(record(works), []);
    works.out.settle();
    await result.later;
    deepEqual(record(works), [
      ['info', 'jobs', 'admin@example gave pools.algorithm pool=jobs algorithm=leastbusy: done', true],
    ]);
  });
});
