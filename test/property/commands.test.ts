import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import type { Caller, ColumnKind, CommandEnd, PoolBook } from '../../src/core/commands/command.ts';
import { commands } from '../../src/core/commands/perform.ts';
import { stanzaIdOf } from '../../src/core/durable/token.ts';
import { errors } from '../../src/core/errors/errors.ts';
import { MemoryWriter } from '../../src/store/memory.ts';
import { DurableHouse, durablePool } from '../router/durable-house.ts';
import { admin, domain, emptySnapshot, message, presence } from '../router/house.ts';

/** More runs for a long night: `FUZZ_RUNS=50000`. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 300);

/** Ada owns `mine`, Bob owns `theirs`. Nothing that is about the latter has a name that she could know. */
const ada: Caller = { role: 'owner', name: 'ada@home.example', jid: 'ada@home.example/desk' };
const secret = 'zz-secret';
const both = 'shared@work.example/both';
const only = `${secret}@work.example/only`;

/** Pools that were made, and what was asked about them. */
class Book implements PoolBook {
  readonly asked: string[] = [];

  find(name: string) {
    return { settings: { description: `${name} ${secret}` }, by: 'bob@home.example', at: 1 };
  }

  make(name: string): Promise<CommandEnd> {
    return this.#note(`make ${name}`);
  }

  change(name: string): Promise<CommandEnd> {
    return this.#note(`change ${name}`);
  }

  remove(name: string): Promise<CommandEnd> {
    return this.#note(`remove ${name}`);
  }

  #note(what: string): Promise<CommandEnd> {
    this.asked.push(what);
    return Promise.resolve({ done: { changes: [] } });
  }
}

/** Two durable pools with workers and messages, and a desk where it is noted who comes. */
class Houses {
  readonly book = new Book();
  readonly process: string[] = [];
  readonly house: DurableHouse;

  constructor() {
    const pool = (name: string, owner: string) =>
      durablePool({}, { name, owners: [owner], description: `${name} ${secret}` });
    const pools = [pool('mine', 'ada@home.example'), pool('theirs', 'bob@home.example')];
    this.house = new DurableHouse(pools, new MemoryWriter(), emptySnapshot, {
      pools: this.book,
      reload: () => {
        this.process.push('reload');
        return Promise.resolve({ done: { changes: [] } });
      },
      shutdown: () => this.process.push('shutdown'),
    });
  }

  async furnish(): Promise<this> {
    const { house } = this;
    house.router.linkUp(house.now);
    for (const [pool, worker] of [
      ['mine', both],
      ['theirs', both],
      ['theirs', only],
    ]) {
      house.on(presence(worker ?? '', { to: `${pool}@${domain}`, priority: 1 }));
    }
    house.answerPings();
    for (let n = 0; n < 30; n += 1) {
      for (const pool of ['mine', 'theirs']) {
        house.on(message({ to: `${pool}@${domain}`, id: `${pool}-${n}`, tail: `<body>${pool} ${secret}</body>` }));
      }
    }
    await house.settle();
    house.out.take();
    house.out.notices.splice(0);
    return this;
  }

  /** Gives a command to its end. */
  async give(name: string, caller: Caller, given: Readonly<Record<string, unknown>>): Promise<CommandEnd> {
    const result = this.house.router.perform(name, caller, given, this.house.now);
    if (!('later' in result)) return result;
    await this.house.settle();
    return result.later;
  }

  /** All that may be known of a pool, but for what it is called. */
  state(name: string): unknown {
    const { router } = this.house;
    const pool = router.pools.get(name);
    ok(pool !== undefined);
    const depth = router.deliveries.view.depth(pool);
    return {
      algorithm: pool.algorithm,
      workers: [...pool.roster].map(({ jid, state, order, delivered }) => ({ jid, state, order, delivered })),
      orders: [...pool.orders.all()],
      depth: depth && { ...depth, tally: { ...depth.tally } },
    };
  }

  /** Ids of messages of a pool. */
  async ids(name: string): Promise<readonly string[]> {
    const query = { want: 'list', pool: name, states: ['ready', 'leased'], after: 0, limit: 9 } as const;
    return (await this.house.store.read(query)).rows.map(({ id }) => stanzaIdOf(id));
  }
}

const names = [...commands.keys()];
const odd = fc.oneof(
  fc.constantFrom('', '0', '-1', '1e9', 'true', '__proto__', 'constructor', '\u0000', '\ud800', '*', 'all'),
  fc.string({ unit: 'binary', maxLength: 30 }),
);
const value = fc.oneof(odd, fc.double(), fc.boolean(), fc.constant(null), fc.jsonValue({ maxDepth: 4 }));
const pools = fc.constantFrom('mine', 'theirs', 'nowhere', 'THEIRS', 'theirs ', `theirs@${domain}`);
const workers = fc.constantFrom(both, only, 'shared@work.example', `${secret}@work.example`, 'only', 'both');

/** What is given with a command: most of it such as makes sense, the rest anything. */
function input(name: string, ids: readonly string[]): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const id = fc.constantFrom(...ids);
  const server = fc.constantFrom('work.example', 'other.example:5222');
  const sensible: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    pool: pools,
    name: pools,
    worker: workers,
    id: name.startsWith('transfers.') ? fc.constantFrom('1', '2', 'rules') : id,
    ids: fc.oneof(id, fc.array(id, { minLength: 1, maxLength: 3 }), fc.constant('all')),
    after: id,
    state: fc.constantFrom('ready', 'leased', 'dead'),
    algorithm: fc.constantFrom('all', 'weighted', 'sticky'),
    weight: fc.integer({ min: 0, max: 1_000 }),
    limit: fc.integer({ min: 1, max: 1_000 }),
    percent: fc.integer({ min: 1, max: 100 }),
    skip: fc.integer({ min: 0, max: 5 }),
    force: fc.boolean(),
    text: fc.string({ minLength: 1 }),
    workers: fc.constantFrom('a@b', ['a@b', '*@c']),
    host: server,
    from: server,
    to: name === 'service.announce' ? fc.constantFrom('workers', 'owners') : server,
  };
  const own = commands.get(name)?.fields ?? [];
  const given = own.map((field): fc.Arbitrary<readonly (readonly [string, unknown])[]> => {
    const good = sensible[field.name];
    const filled =
      good === undefined ? value : fc.oneof({ weight: 9, arbitrary: good }, { weight: 1, arbitrary: value });
    const some = {
      weight: field.required ? 19 : good === undefined ? 1 : 8,
      arbitrary: filled.map((each) => [[field.name, each] as const]),
    };
    return fc.oneof(some, { weight: field.required ? 1 : 8, arbitrary: fc.constant([]) });
  });
  const strange = fc.oneof(
    { weight: 19, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.tuple(odd, value).map((each) => [each]) },
  );
  return fc.tuple(strange, ...given).map((entries) => Object.fromEntries(entries.flat()));
}

/** Any of these commands, with what is given. */
function commandOf(among: readonly string[], ids: readonly string[]) {
  return fc.constantFrom(...among).chain((name) => fc.tuple(fc.constant(name), input(name, ids)));
}

function check(name: string, end: CommandEnd): void {
  if ('done' in end) checkAnswer(name, JSON.parse(JSON.stringify(end.done)));
  else ok(Object.hasOwn(errors, end.refused), JSON.stringify(end));
}

type Answer = Readonly<Record<string, unknown>>;

/** What an answer tells is of the kind that its column has, from which the description of the API is made. */
function checkAnswer(name: string, answer: Answer): void {
  const { rows, columns } = commands.get(name)?.view ?? { rows: undefined, columns: [] };
  const told = rows === undefined ? [answer] : answer[rows];
  ok(Array.isArray(told), `${name} lists nothing as ${rows}`);
  for (const row of told as readonly Answer[]) {
    for (const { key, kind } of columns) ok(isOf(kind, row[key]), `${name}: ${key} is ${JSON.stringify(row[key])}`);
  }
}

function isOf(kind: ColumnKind | undefined, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  switch (kind) {
    case 'time':
      return typeof value === 'string' && new Date(value).toISOString() === value;
    case 'bytes':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'flag':
      return typeof value === 'boolean';
    case 'list':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
    default:
      return typeof value === 'string';
  }
}

describe('any command with any input', function () {
  this.timeout(120_000);

  it('is done or refused, and never thrown', async () => {
    const world = await new Houses().furnish();
    const { house } = world;
    const ids = ['00000000000', ...(await world.ids('mine'))];
    const done = new Set<string>();
    await fc.assert(
      fc.asyncProperty(commandOf(names, ids), async ([name, given]) => {
        house.on(presence(both, { to: `mine@${domain}` }));
        const end = await world.give(name, admin, given);
        check(name, end);
        if ('done' in end) done.add(name);
        house.out.take();
        house.out.notices.splice(0);
      }),
      { numRuns: 4 * numRuns },
    );
    // Most of them are really done at times, so that this says something. One in four runs leaves out one.
    const never = names.filter((name) => !done.has(name));
    ok(never.length <= 8, `${never.join(' ')} were never done`);
  });

  it('of an owner reaches no pool but his own', async () => {
    const done = new Set<string>();
    const world = await new Houses().furnish();
    const ids = [...(await world.ids('mine')), ...(await world.ids('theirs'))];
    const owned = [...commands.values()].filter(({ role }) => role === 'owner').map(({ name }) => name);
    await fc.assert(
      fc.asyncProperty(commandOf([...names, ...owned, ...owned], ids), async ([name, asked]) => {
        const { house, book, process } = world;
        const before = world.state('theirs');
        house.on(presence(both, { to: `mine@${domain}` }));
        const end = await world.give(name, ada, asked);
        check(name, end);
        if ('done' in end) done.add(name);
        equal(world.house.router.pools.size, 2);
        deepEqual(world.state('theirs'), before, `${name} ${JSON.stringify(asked)}`);
        const about = JSON.stringify(end);
        ok(!about.includes(`theirs ${secret}`), about);
        // Her own answer names the other pool's worker only where she has named it herself.
        if (!JSON.stringify(asked).includes(secret)) ok(!about.includes(`${secret}@`), about);
        deepEqual(process, []);
        for (const each of book.asked.splice(0)) ok(each.endsWith(' mine'), each);
        const written = house.out.take().filter((each) => 'from' in each && each.from.startsWith('theirs@'));
        deepEqual(written, []);
        for (const { pool } of house.out.notices.splice(0)) ok(pool !== 'theirs');
      }),
      { numRuns: 4 * numRuns },
    );
    const never = owned.filter((name) => !done.has(name));
    ok(never.length <= 8, `${never.join(' ')} were never done`);
  });

  it('of an owner is answered for the pool of another as for none', async () => {
    const world = await new Houses().furnish();
    const ids = await world.ids('theirs');
    await fc.assert(
      fc.asyncProperty(commandOf(names, ids), async ([name, asked]) => {
        const foreign = await world.give(name, ada, { ...asked, ...named(name, 'theirs') });
        const missing = await world.give(name, ada, { ...asked, ...named(name, 'nowhere') });
        if (Object.keys(named(name, '')).length > 0) deepEqual(foreign, missing);
      }),
      { numRuns },
    );
  });
});

/** The pool, where the command takes one. */
function named(name: string, pool: string): Readonly<Record<string, string>> {
  return commands.get(name)?.fields.some((field) => field.name === 'pool') === true ? { pool } : {};
}
