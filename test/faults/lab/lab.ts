import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RouterProcess } from '../../support/router-process.ts';
import type { ServerOptions, XmppServer } from '../../support/xmpp-server.ts';
import { check, storyOf, type Terms, type Verdict } from './checker.ts';
import { Crew } from './crew.ts';
import { EventLog, type LabEvent, readEvents } from './events.ts';
import { Generator } from './generator.ts';
import { type Hook, Instance } from './instance.ts';
import type { LabDatabase } from './lab-database.ts';
import type { Manners } from './manners.ts';
import { Random } from './random.ts';
import { readStoredQueue, type StoredQueue } from './stored-queue.ts';
import { Wire } from './wire.ts';

export const labDomain = 'pools.localhost';
const pool = 'jobs';
const workerUser = 'worker';
export const senderUsers: readonly string[] = ['sensor1', 'sensor2', 'sensor3'];
const built = new URL('../../../dist/', import.meta.url).href;

/** Milliseconds in which what was accepted has to come to an end once nothing is broken any more. */
const settleLimit = 90_000;

/** What the accounts and components of a server for labs are. */
export const labServer: ServerOptions = {
  accounts: Object.fromEntries([...senderUsers, workerUser].map((user) => [user, 'pw'])),
  components: { [labDomain]: 's3cret' },
};

export interface LabOptions {
  readonly seed: number;
  readonly guarantee: 'plain' | 'at-least-once';
  /** Of each worker, by its resource. */
  readonly workers: Readonly<Record<string, Manners>>;
  readonly ordered?: boolean;
  /** Nothing breaks between the router and the senders: who has a dead letter was told. */
  readonly tellsOfDead?: boolean;
  /** Further keys of the pool's `delivery`, which win. */
  readonly delivery?: Readonly<Record<string, unknown>>;
  /** Whether senders send again what is neither queued nor returned; they do when it is absent. */
  readonly insists?: boolean;
  /** Of each sender's messages one in so many is poison; none when absent. */
  readonly poisonEvery?: number;
  /** Where the database is; in the router's folder when absent. */
  readonly storeFile?: string;
  /** URL of the folder with the compiled router; the build when absent. */
  readonly home?: string;
  /** Keeps what is stored, instead of a file. */
  readonly database?: LabDatabase;
  /** Routers that share the database; one when absent. */
  readonly instances?: number;
  /** Whether there is something to cut between each router and the database. */
  readonly databaseWires?: boolean;
  /** Further keys of the section `standby`, which win. */
  readonly standby?: Readonly<Record<string, unknown>>;
  /** Of each router at its first start. */
  readonly hooks?: readonly Hook[];
  /** Whatever breaks is no reason to take a message from a worker before its time is over. */
  readonly keepsLeases?: boolean;
}

/** Milliseconds that a worker of the lab has for a message. */
export const ackTimeout = 4_000;

/** Routers between senders and workers on a real server, with everything that can break, and the logs of all. */
export class Lab {
  readonly random: Random;
  readonly server: XmppServer;
  /** One, or those that share a database. */
  readonly instances: readonly Instance[];
  readonly crew: Crew;
  readonly generator: Generator;
  readonly storeFile: string;
  readonly #first: Instance;
  readonly #options: LabOptions;
  readonly #folder: string;
  readonly #log: EventLog;
  readonly #address = `${pool}@${labDomain}`;

  private constructor(server: XmppServer, options: LabOptions, instances: readonly [Instance, ...Instance[]]) {
    const { seed, guarantee } = options;
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-lab-'));
    this.server = server;
    this.random = new Random(seed);
    this.instances = instances;
    [this.#first] = instances;
    this.#options = options;
    this.#folder = folder;
    this.#log = new EventLog(folder, 'lab');
    this.storeFile = options.storeFile ?? join(this.router.folder, 'switchyard.db');
    const address = this.#address;
    this.crew = new Crew({ port: server.c2sPort, user: workerUser, pool: address, folder, seed });
    this.generator = new Generator(senderUsers, {
      port: server.c2sPort,
      pool: address,
      folder,
      style: guarantee === 'plain' ? 'plain' : 'durable',
      poisonEvery: options.poisonEvery ?? 0,
      insists: options.insists ?? true,
    });
  }

  /** Starts everything and waits until the pool has its workers. */
  static async open(server: XmppServer, options: LabOptions): Promise<Lab> {
    const first = await makeInstance(server, options, 1);
    const others: Instance[] = [];
    while (1 + others.length < (options.instances ?? 1)) {
      others.push(await makeInstance(server, options, 2 + others.length));
    }
    const lab = new Lab(server, options, [first, ...others]);
    try {
      await lab.startRouter(options.hooks?.[0]);
      await options.database?.beginAudit();
      for (const [index, instance] of others.entries()) await instance.start(options.hooks?.[index + 1], 'listening');
      await Promise.all(Object.entries(options.workers).map(([resource, manners]) => lab.crew.hire(resource, manners)));
      await lab.generator.start();
      await lab.router.stored();
    } catch (error) {
      await lab.close(true);
      throw error;
    }
    return lab;
  }

  /** The one router, or the first of several. */
  get router(): RouterProcess {
    return this.#first.router;
  }

  /** Between that router and the server. */
  get wire(): Wire {
    return this.#first.wire;
  }

  /** Where the routers store what they have. Throws when that is a file. */
  get database(): LabDatabase {
    const { database } = this.#options;
    if (database === undefined) throw new Error('this run has no database');
    return database;
  }

  /** Starts that router, which breaks itself as it is told. */
  startRouter(hook: Hook = {}): Promise<void> {
    return this.#first.start(hook);
  }

  /** The router that works; waits until there is one. */
  async active(): Promise<Instance> {
    for (const deadline = Date.now() + settleLimit; ; await sleep(50)) {
      for (const instance of this.instances) if (await instance.isReady()) return instance;
      if (Date.now() > deadline) throw new Error(`no router works: ${await this.#unready()}`);
    }
  }

  /** The other one of two. */
  otherThan(instance: Instance): Instance {
    const other = this.instances.find((each) => each !== instance);
    if (other === undefined) throw new Error('there is one router only');
    return other;
  }

  /** Does something that breaks, and waits until it is mended: messages in flight meanwhile may come twice. */
  async broken(what: string, work: () => Promise<void>): Promise<void> {
    const name = `${what} ${this.random.between(0, 1e9)}`;
    this.#log.write('lab', { kind: 'fault', what: name });
    await work();
    this.#log.write('lab', { kind: 'healed', what: name });
  }

  /** Waits until a router is attached again and has all its workers. */
  async whole(): Promise<void> {
    const wanted = this.crew.resources.length;
    const isWhole = async (): Promise<boolean> => {
      const { router } = await this.active();
      return (await router.metric('switchyard_pool_members', { pool })) === wanted;
    };
    const deadline = Date.now() + settleLimit;
    while (!(await isWhole().catch(() => false))) {
      if (Date.now() > deadline) throw new Error(`the router is not what it was: ${await this.#unready()}`);
      await sleep(50);
    }
  }

  /** Sends nothing new, and waits until nothing waits in the store. */
  async drained(limit = settleLimit): Promise<void> {
    await this.generator.end();
    const deadline = Date.now() + limit;
    while ((await this.#isBusy()) && Date.now() < deadline) {
      await this.generator.insist();
      await sleep(100);
    }
  }

  /**
   * Waits until everything that was sent is accepted or returned, and nothing waits in the store.
   * @param limit Milliseconds after which it is given up: the verdict shows it.
   */
  async settle(limit = settleLimit): Promise<void> {
    await this.generator.end();
    await this.crew.rehire();
    await this.drained(limit);
    await this.#quiet();
  }

  /** Stops the routers, and says what became of all messages. */
  async verdict(changes: Partial<Terms> = {}): Promise<Verdict> {
    const active = this.instances.length > 1 ? await this.active() : this.#first;
    for (const each of this.instances) if (each !== active) await each.router.stop();
    await active.router.stop();
    await this.generator.close();
    await this.crew.dismiss();
    const { guarantee, ordered = false, tellsOfDead = false, keepsLeases = false } = this.#options;
    if (guarantee === 'at-least-once') {
      const { open, dead, tally } = await this.#stored();
      this.#log.write('store', { kind: 'stored', open, dead });
      if (tally !== undefined) this.#log.write('store', { kind: 'tally', tally });
    }
    const terms = { guarantee, ordered, tellsOfDead, keepsLeases, ackTimeout, margin: 2_000, ...changes };
    const verdict = check(this.events(), terms);
    const audit = await this.#options.database?.audit();
    return { ...verdict, problems: [...(audit?.problems ?? []), ...verdict.problems] };
  }

  events(): readonly LabEvent[] {
    return readEvents(this.#folder);
  }

  /** What the logs say of the messages that a verdict names first. */
  stories({ problems, lost }: Pick<Verdict, 'problems' | 'lost'>): string {
    const ids = [...lost, ...problems.map((problem) => problem.split(/[ :]/)[0] ?? '')];
    const events = this.events();
    return [...new Set(ids)]
      .slice(0, 3)
      .map((id) => `${id}:\n${storyOf(events, id)}`)
      .join('\n');
  }

  /** Ends all processes. @param keep Leaves the logs where they are. */
  async close(keep = false): Promise<void> {
    await this.generator.close();
    await this.crew.dismiss();
    for (const instance of this.instances) await instance.remove();
    if (keep) this.#keepLogs();
    else rmSync(this.#folder, { recursive: true, force: true });
  }

  get folder(): string {
    return this.#folder;
  }

  /** What the routers said, beside what the others wrote down. */
  #keepLogs(): void {
    for (const [index, { router }] of this.instances.entries()) {
      const lines = router.log.map((line) => `${JSON.stringify(line)}\n`);
      writeFileSync(join(this.#folder, `router${index + 1}.jsonl`), lines.join(''));
    }
  }

  async #unready(): Promise<string> {
    const answers = await Promise.all(this.instances.map((instance) => instance.readiness()));
    return answers.map((answer) => answer?.body ?? 'no answer').join('\n');
  }

  async #isBusy(): Promise<boolean> {
    if (this.#options.guarantee === 'plain') return false;
    return this.generator.waiting > 0 || (await this.#stored()).open.length > 0;
  }

  async #stored(): Promise<StoredQueue> {
    return this.#options.database?.stored(pool) ?? readStoredQueue(this.storeFile, pool);
  }

  /** What was sent is with the workers, or with nobody: the senders' requests are answered after it, and nothing comes any more. */
  async #quiet(): Promise<void> {
    for (const sender of this.generator.senders) await sender.settled(this.#address);
    let events = -1;
    while (this.events().length > events) {
      events = this.events().length;
      await sleep(500);
    }
  }
}

async function makeInstance(server: XmppServer, options: LabOptions, number: number): Promise<Instance> {
  const { database, storeFile, home = built } = options;
  const wire = new Wire(server.componentPort);
  await wire.start();
  const databaseWires = options.databaseWires === true ? ((await database?.wires()) ?? []) : [];
  const ports = databaseWires.length > 0 ? databaseWires.map(({ port }) => port) : undefined;
  const file = storeFile === undefined ? undefined : { driver: 'sqlite', file: storeFile };
  return new Instance({
    domain: labDomain,
    pools: { [pool]: poolOf(options) },
    store: database?.store(ports) ?? file,
    standby: database === undefined ? undefined : { lease: '2s', name: `router${number}`, ...options.standby },
    home,
    wire,
    databaseWires,
  });
}

function poolOf({ guarantee, ordered, delivery }: LabOptions): Readonly<Record<string, unknown>> {
  const access = {
    workers: [`${workerUser}@localhost`],
    senders: senderUsers.map((user) => `${user}@localhost`),
  };
  if (guarantee === 'plain') return access;
  return {
    ...access,
    delivery: {
      guarantee,
      ackTimeout: `${ackTimeout / 1_000}s`,
      backoff: { min: '100ms', max: '1s' },
      ordering: ordered === true ? 'sender' : 'none',
      queue: { perSender: '100%' },
      ...delivery,
    },
  };
}
