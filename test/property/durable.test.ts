import fc from 'fast-check';
import { durablePool } from '../router/durable-house.ts';
import { DurableWorld } from './durable-world.ts';

type Command = fc.AsyncCommand<object, DurableWorld>;

/** One thing that happens. The model holds nothing: what must be true is said of the world itself. */
class Happening implements Command {
  readonly #name: string;
  readonly #run: (world: DurableWorld) => Promise<void> | void;

  constructor(name: string, run: (world: DurableWorld) => Promise<void> | void) {
    this.#name = name;
    this.#run = run;
  }

  check(): boolean {
    return true;
  }

  async run(_model: object, world: DurableWorld): Promise<void> {
    await this.#run(world);
  }

  toString(): string {
    return this.#name;
  }
}

const nth = fc.nat({ max: 5 });
const few = fc.integer({ min: 1, max: 4 });
const worker = fc.constantFrom('ada@work.example/a', 'bob@work.example/b', 'cyd@work.example/c');
const sender = fc.constantFrom('one@far.example/r', 'two@far.example/r');
const pause = fc.constantFrom(100, 1_000, 2_500, 35_000);
const answer = few.map((n) => new Happening(`answer(${n})`, (world) => world.answer(n)));
const send = fc
  .tuple(sender, fc.boolean())
  .map(([from, wants]) => new Happening(`send(${from}, ${wants})`, (world) => world.send(from, wants)));
const acknowledge = nth.map((n) => new Happening(`acknowledge(${n})`, (world) => world.acknowledge(n)));

const happenings: fc.Arbitrary<Command>[] = [
  send,
  send,
  answer,
  answer,
  acknowledge,
  worker.map((who) => new Happening(`join(${who})`, (world) => world.join(who))),
  worker.map((who) => new Happening(`leave(${who})`, (world) => world.leave(who))),
  nth.map((n) => new Happening(`bounce(${n})`, (world) => world.bounce(n))),
  pause.map((time) => new Happening(`wait(${time})`, (world) => world.wait(time))),
  pause.map((time) => new Happening(`stall(${time})`, (world) => world.stall(time))),
  nth.map((n) => new Happening(`crash(${n})`, (world) => world.crash(n))),
  fc.boolean().map((fails) => new Happening(`failing(${fails})`, (world) => world.failing(fails))),
  fc.boolean().map((up) => new Happening(`attach(${up})`, (world) => world.attach(up))),
];

describe('durable delivery: any history of senders, workers, link, store and crashes', () => {
  for (const [name, pool] of [
    ['no order', durablePool({ capacity: 2 })],
    ['in the order of senders', durablePool({ capacity: 2, ordering: 'sender' })],
    ['to all', durablePool({ capacity: 2 }, { algorithm: 'all' })],
    ['for a short time', durablePool({ capacity: 1, ttl: 20_000, ackTimeout: 5_000 })],
    [
      'a short queue',
      durablePool({
        capacity: 1,
        queue: { maxMessages: 4, maxBytes: 1_000_000, perSender: 1, overflow: 'dead-letter-oldest' },
      }),
    ],
    ['two attempts, no dead letters', durablePool({ capacity: 2, maxAttempts: 2, deadLetters: 0 })],
  ] as const) {
    it(`loses nothing, sends nothing early, and ends each message once: ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.commands(happenings, { maxCommands: 60, size: 'max' }), async (commands) => {
          const world = new DurableWorld(pool);
          world.attach(true);
          await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
          await world.conclude();
        }),
        { numRuns: Number(process.env['FUZZ_RUNS'] ?? 60) },
      );
    });
  }

  it('an acknowledgement may come while the end of a lease waits to be stored again', async () => {
    const world = new DurableWorld(durablePool({ capacity: 1 }));
    world.attach(true);
    world.join('ada@work.example/a');
    world.send('one@far.example/r', false);
    await world.answer(3);
    world.stall(35_000);
    world.failing(true);
    await world.answer(3);
    world.acknowledge(0);
    await world.conclude();
  });
});
