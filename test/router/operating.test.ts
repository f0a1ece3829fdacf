import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { CommandEnd, CommandResult } from '../../src/core/commands/command.ts';
import type { Explanation } from '../../src/core/commands/explain.ts';
import type { PoolReport, PoolSummary } from '../../src/core/commands/pool-report.ts';
import type { WorkerReport } from '../../src/core/commands/worker-report.ts';
import {
  admin,
  deliverySettings,
  emptySnapshot,
  House,
  message,
  poolSettings,
  presence,
  serviceSettings,
} from './house.ts';

const one = 'w@work.example/one';
const two = 'w@work.example/two';

/** A house to which operators give commands. */
class Works extends House {
  give(name: string, given: Readonly<Record<string, unknown>> = {}): CommandResult {
    return this.router.perform(name, admin, given, this.now);
  }

  done(name: string, given: Readonly<Record<string, unknown>> = {}): object {
    const result = this.give(name, given);
    ok('done' in result, JSON.stringify(result));
    return result.done;
  }

  refused(name: string, given: Readonly<Record<string, unknown>>): readonly (string | undefined)[] {
    const result = this.give(name, given);
    ok('refused' in result, JSON.stringify(result));
    return [result.refused, result.field];
  }

  workers(given: Readonly<Record<string, unknown>> = {}): readonly WorkerReport[] {
    return (this.done('workers.list', given) as { workers: readonly WorkerReport[] }).workers;
  }

  /** Each worker's resource, with how it stands. */
  states(): readonly string[] {
    return this.workers().map(({ worker, state }) => `${worker.split('/')[1]} ${state}`);
  }

  /** What the pools told workers in words since the last look. */
  told(): readonly string[] {
    return this.out
      .take()
      .flatMap((written) =>
        written.call === 'presence' ? [`${written.presence.type} ${written.presence.status ?? ''}`] : [],
      );
  }
}

function explained(works: Works): Explanation {
  return works.done('pools.explain', { pool: 'jobs' }) as Explanation;
}

function house(changes: Parameters<typeof poolSettings>[0] = {}): Works {
  const works = new Works(serviceSettings([poolSettings(changes), poolSettings({ name: 'other' })]));
  works.router.linkUp(works.now);
  works.join(one);
  works.join(two);
  return works;
}

describe('router: commands about workers', () => {
  it('list them with their state, a page at a time', () => {
    const works = house();
    works.on(presence(two, { show: 'dnd' }));
    works.join(one, { to: 'other@pools.example' });
    deepEqual(works.states(), ['one works', 'two busy', 'one works']);
    deepEqual(
      works.workers({ pool: 'other' }).map(({ pool, worker }) => [pool, worker]),
      [['other', one]],
    );
    deepEqual(
      works.workers({ skip: 1, limit: 1 }).map(({ worker }) => worker),
      [two],
    );
    deepEqual(works.done('workers.list', { limit: 2 }), {
      total: 3,
      workers: works.workers({ limit: 2 }),
      text: '2 of 3 workers.',
    });
    deepEqual(works.refused('workers.list', { pool: 'nowhere' }), ['command-target', 'pool']);
  });

  it('know a worker by its JID, its account, or its label with the pool', () => {
    const works = house();
    const names = (given: object) => {
      const { workers } = works.done('workers.show', { ...given }) as { workers: readonly WorkerReport[] };
      return workers.map(({ worker }) => worker);
    };
    deepEqual(names({ worker: one }), [one]);
    deepEqual(names({ worker: 'W@Work.example/one' }), [one]);
    deepEqual(names({ worker: 'w@work.example' }), [one, two]);
    const label = works.workers()[1]?.label ?? '';
    deepEqual(names({ worker: label, pool: 'jobs' }), [two]);
    deepEqual(works.refused('workers.show', { worker: label }), ['command-target', 'worker']);
    deepEqual(works.refused('workers.show', { worker: one, pool: 'other' }), ['command-target', 'worker']);
    deepEqual(works.refused('workers.show', {}), ['command-input', 'worker']);
  });

  it('drain one, which is told, until it is resumed', () => {
    const works = house();
    works.done('workers.drain', { worker: one });
    deepEqual(works.told(), [
      'available You are worker one of jobs; an operator drains you, so you get no new messages.',
    ]);
    deepEqual(works.deal(3), ['two', 'two', 'two']);
    deepEqual(works.states(), ['one drained', 'two works']);
    match(works.workers()[0]?.why ?? '', /an operator drains it/);
    works.done('workers.resume', { worker: one });
    equal(works.told().length, 1);
    deepEqual(works.states(), ['one works', 'two works']);
    ok(works.deal(2).includes('one'));
  });

  it('let a drained worker have what is for its label, and a suspended one nothing', () => {
    const works = house();
    const labelled = message({ to: `jobs@pools.example/~${works.workers()[0]?.label}` });
    const got = () => {
      works.on(labelled);
      return works.out.take().flatMap((written) => (written.call === 'forward' ? [written.to] : []));
    };
    works.done('workers.drain', { worker: one });
    works.out.take();
    deepEqual(got(), [one]);
    works.done('workers.suspend', { worker: one });
    works.out.take();
    deepEqual(got(), [two]);
  });

  it('keep an order while the worker is away and says something else', () => {
    const works = house();
    works.done('workers.suspend', { worker: one });
    works.on(presence(one, { type: 'unavailable' }));
    works.join(one);
    works.on(presence(one, { show: 'chat', priority: 10 }));
    deepEqual(works.states(), ['two works', 'one suspended']);
    works.on(presence(one, { type: 'unavailable' }));
    const { orders } = works.done('pools.show', { pool: 'jobs' }) as PoolReport;
    deepEqual(orders, [{ worker: one, order: 'suspended', weight: null }]);
    match(JSON.stringify(works.done('workers.resume', { worker: one })), /is not here; taken back in jobs/);
    works.join(one);
    deepEqual(works.states(), ['two works', 'one works']);
    deepEqual(works.refused('workers.resume', { worker: 'w@work.example/three' }), ['command-target', 'worker']);
  });

  it('keep orders over a restart, and forget those of a pool that closes', () => {
    const orders = [{ pool: 'jobs', jid: one, held: 'suspended', weight: 7 }] as const;
    const works = new Works(serviceSettings([poolSettings()]), { ...emptySnapshot, orders });
    works.router.linkUp(works.now);
    works.join(one);
    deepEqual(
      works.workers().map(({ state, weight }) => [state, weight]),
      [['suspended', 7]],
    );
    works.out.commits.length = 0;
    works.done('workers.resume', { worker: one });
    works.done('workers.weight', { worker: one, weight: 0 });
    works.done('workers.drain', { worker: one });
    const stored = () => works.out.commits.map(({ change }) => change).filter(({ op }) => op.endsWith('-order'));
    deepEqual(stored(), [
      { op: 'put-order', pool: 'jobs', jid: one, held: undefined, weight: 7 },
      { op: 'remove-order', pool: 'jobs', jid: one },
      { op: 'put-order', pool: 'jobs', jid: one, held: 'drained', weight: undefined },
    ]);
    works.out.commits.at(-1)?.done?.(new Error('disk full'));
    match(works.out.notices.at(-1)?.text ?? '', /order for w@work.example\/one could not be stored.*disk full/);
    works.router.reload(serviceSettings([poolSettings({ name: 'new' })]), works.now);
    deepEqual(stored().at(-1), { op: 'remove-order', pool: 'jobs', jid: one });
  });

  it('ask a worker that fell silent whether it is back, when it is resumed', () => {
    const works = house();
    while (!works.states().includes('one silent')) works.pass(10_000);
    works.out.take();
    works.done('workers.resume', { worker: one });
    works.answerPings();
    ok(works.states().includes('one works'));
  });

  it('set a weight that wins over all others, and take it back', () => {
    const works = house({ algorithm: 'weighted' });
    works.on(
      presence(one, { wish: { weight: 1, capacity: undefined, label: undefined, drain: false, problem: undefined } }),
    );
    works.out.take();
    works.done('workers.weight', { worker: one, weight: '3' });
    works.out.take();
    deepEqual([...works.deal(8)].filter((name) => name === 'one').length, 6);
    equal(works.workers()[0]?.weight, 3);
    works.done('workers.weight', { worker: one, weight: 0 });
    equal(works.workers()[0]?.weight, 1);
    deepEqual(works.refused('workers.weight', { worker: one, weight: 1001 }), ['command-input', 'weight']);
    deepEqual(works.refused('workers.weight', { worker: one }), ['command-input', 'weight']);
  });

  it('eject one, which is told and may join again', () => {
    const works = house();
    works.done('workers.eject', { worker: one });
    deepEqual(works.told(), ['unavailable An operator has taken you out of this pool.']);
    deepEqual(works.states(), ['two works']);
    works.join(one);
    deepEqual(works.states(), ['two works', 'one works']);
  });

  it('give no more orders than a pool may have, all or none', () => {
    const works = house();
    for (let n = 0; n < 999; n += 1) works.join(`x@work.example/n${n}`);
    works.done('workers.drain', { worker: 'x@work.example' });
    works.out.take();
    deepEqual(works.refused('workers.drain', { worker: 'w@work.example' }), ['command-busy', undefined]);
    deepEqual(works.states().slice(0, 2), ['one works', 'two works']);
    works.done('workers.drain', { worker: one });
    deepEqual(works.refused('workers.suspend', { worker: two }), ['command-busy', undefined]);
    works.done('workers.resume', { worker: 'x@work.example' });
    works.done('workers.suspend', { worker: two });
  });
});

describe('router: commands about pools', () => {
  it('list and show them', () => {
    const works = house();
    works.on(presence(two, { show: 'dnd' }));
    works.deal(3);
    const { pools } = works.done('pools.list') as { pools: readonly PoolSummary[] };
    deepEqual(
      pools.map(({ pool, workers, available, inFlight, waiting }) => [pool, workers, available, inFlight, waiting]),
      [
        ['jobs', 2, 1, 3, 0],
        ['other', 0, 0, 0, 0],
      ],
    );
    const report = works.done('pools.show', { pool: 'jobs' }) as PoolReport;
    deepEqual(
      [report.address, report.guarantee, report.states],
      ['jobs@pools.example', 'plain', { works: 1, busy: 1 }],
    );
    deepEqual(works.refused('pools.show', { pool: 'nowhere' }), ['command-target', 'pool']);
  });

  it('explain who gets the next message, which then gets it, and why each other does not', () => {
    const works = house();
    const three = 'w@work.example/three';
    works.join(three);
    works.on(presence(three, { show: 'dnd' }));
    works.out.take();
    for (let n = 0; n < 4; n += 1) {
      const { next, text } = explained(works);
      const [got] = works.deal(1);
      deepEqual(next, [`w@work.example/${got}`]);
      match(text, new RegExp(`^The next message goes to w@work\\.example/${got} \\(${got}\\)\\.$`));
    }
    const chances = explained(works).workers.map(({ label, chance, why }) => [label, chance, why]);
    deepEqual(chances, [
      ['one', 'next', 'It gets the next message.'],
      ['two', 'later', 'Another has its turn before.'],
      ['three', 'busy', 'It gets nothing: it is busy (dnd).'],
    ]);
    works.done('workers.suspend', { worker: one });
    works.done('workers.drain', { worker: two });
    equal(
      explained(works).text,
      'The next message is refused: no worker can take it (1 suspended by an operator, 1 drained by an operator, 1 busy (dnd)).',
    );
    const other = works.done('pools.explain', { pool: 'other' }) as Explanation;
    equal(other.text, 'The next message is refused: no worker is in the pool.');
  });

  it('explain in numbers what another has before a worker', () => {
    const why = (works: Works) => explained(works).workers.map((worker) => `${worker.label}: ${worker.why}`);
    const active = house({ algorithm: 'mostactive' });
    active.deal(1);
    deepEqual(why(active), ['one: It has 1 in flight, and another 0.', 'two: It gets the next message.']);
    active.pass(10_000);
    deepEqual(why(active), ['one: Another has been idle for longer.', 'two: It gets the next message.']);
    active.on(presence(two, { show: 'away' }));
    deepEqual(why(active), ['one: It gets the next message.', 'two: It is away, and another is online.']);
    active.on(presence(one, { priority: 3 }));
    deepEqual(why(active)[1], 'two: Its priority of 0 is lower than 3.');

    const all = house({ algorithm: 'all' });
    all.on(presence(two, { priority: 5 }));
    deepEqual(why(all)[0], 'one: Its priority of 0 is lower than 5.');

    const busy = house({ algorithm: 'leastbusy' });
    deepEqual(why(busy)[1], 'two: Another has waited longer for its turn.');
    busy.deal(1);
    deepEqual(why(busy)[0], 'one: It has 1 in flight, and another 0.');
    busy.done('workers.weight', { worker: two, weight: 4 });
    busy.deal(1);
    deepEqual(why(busy)[0], 'one: It has 1 in flight, and another 1, for weights of 1 and 4.');

    const weighted = house({ algorithm: 'weighted' });
    deepEqual(why(weighted)[1], 'two: Another has its turn before, by their weights; its own is 1.');
  });

  it('explain in numbers why a worker gets nothing', () => {
    const delivery = deliverySettings({ guarantee: 'at-least-once', ack: 'receipt', capacity: 3 });
    const works = house({ delivery });
    const pool = works.router.pools.get('jobs');
    const member = pool?.roster.get(one);
    ok(pool !== undefined && member?.duty !== undefined);
    const why = () => explained(works).workers[0]?.why ?? '';
    for (let id = 1; id <= 3; id += 1) member.duty.lease(id, works.now);
    pool.dutyChanged(member, works.now);
    equal(why(), 'It gets nothing: it has 3 of the 3 messages that it may have.');
    for (let id = 1; id <= 2; id += 1) member.duty.released();
    member.duty.startSlowly();
    pool.dutyChanged(member, works.now);
    equal(
      why(),
      'It gets nothing: it has 1 of the 1 messages that it may have now, and 3 once it has shown that it works.',
    );
    pool.setState(member, 'suspended');
    const heard = new Date(member.heardAt).toISOString();
    equal(why(), `It gets nothing: it does not answer pings any more, and was heard last at ${heard}.`);

    const picky = house({ delivery: { ...delivery, ack: 'auto' } });
    equal(
      explained(picky).workers[0]?.why,
      'It gets nothing: the pool wants acknowledgements, and what its client can do is not known yet.',
    );
  });

  it('explain algorithms that give to several, or by a key', () => {
    const all = house({ algorithm: 'all' });
    all.on(presence(two, { priority: 5 }));
    deepEqual(explained(all).next, [two]);
    all.on(presence(one, { priority: 5 }));
    match(explained(all).text, /goes to 2 workers/);
    const sticky = house({ algorithm: 'sticky' });
    deepEqual(
      [explained(sticky).next, explained(sticky).workers.map(({ chance }) => chance)],
      [[], ['later', 'later']],
    );
    match(explained(sticky).text, /the worker that its key belongs to/);
  });

  it('set the algorithm once that is stored', async () => {
    const works = house({ offer: ['all', 'roundrobin'] });
    const end = async (algorithm: string, error?: Error): Promise<CommandEnd> => {
      const result = works.give('pools.algorithm', { pool: 'jobs', algorithm });
      ok('later' in result);
      works.out.commits.at(-1)?.done?.(error);
      return result.later;
    };
    deepEqual(await end('all'), { done: { pool: 'jobs', before: 'roundrobin', algorithm: 'all' } });
    equal(works.router.pools.get('jobs')?.algorithm, 'all');
    deepEqual(await end('roundrobin', new Error('disk full')), { refused: 'store-failed' });
    equal(works.router.pools.get('jobs')?.algorithm, 'all');
    deepEqual(works.refused('pools.algorithm', { pool: 'jobs', algorithm: 'sticky' }), ['command-input', 'algorithm']);
    deepEqual(works.refused('pools.algorithm', { pool: 'jobs', algorithm: 'best' }), ['command-input', 'algorithm']);
  });
});
