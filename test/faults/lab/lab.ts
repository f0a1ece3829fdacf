import { setTimeout as sleep } from 'node:timers/promises';
import type { RouterProcess } from '../../support/router/router-process.ts';
import type { ServerOptions, XmppServer } from '../../support/servers/xmpp-server.ts';
import { check, type Terms, type Verdict } from './checker.ts';
import { Crew } from './crew.ts';
import type { LabEvent } from './events.ts';
import { Generator } from './generator.ts';
import type { Hook, Instance } from './instance.ts';
import type { LabDatabase } from './lab-database.ts';
import type { Manners } from './manners.ts';
import type { Random } from './random.ts';
import { Run, settleLimit } from './run.ts';
import { Service } from './service.ts';
import type { Wire } from './wire.ts';

export const labDomain = 'pools.localhost';
const pool = 'jobs';
const workerUser = 'worker';
export const senderUsers: readonly string[] = ['sensor1', 'sensor2', 'sensor3'];

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
  readonly server: XmppServer;
  readonly crew: Crew;
  readonly generator: Generator;
  readonly #service: Service;
  readonly #options: LabOptions;
  readonly #run: Run;

  private constructor(server: XmppServer, options: LabOptions, service: Service) {
    const { seed, guarantee } = options;
    this.server = server;
    this.#service = service;
    this.#options = options;
    this.#run = new Run(seed);
    const { folder } = this.#run;
    const pool = service.address;
    this.crew = new Crew({ port: server.c2sPort, user: workerUser, pool, folder, seed });
    this.generator = new Generator(senderUsers, {
      port: server.c2sPort,
      pool,
      folder,
      style: guarantee === 'plain' ? 'plain' : 'durable',
      poisonEvery: options.poisonEvery ?? 0,
      insists: options.insists ?? true,
    });
  }

  /** Starts everything and waits until the pool has its workers. */
  static async open(server: XmppServer, options: LabOptions): Promise<Lab> {
    const service = await Service.prepare(server, { ...options, domain: labDomain, pool, settings: poolOf(options) });
    const lab = new Lab(server, options, service);
    try {
      await service.start(options.hooks);
      await Promise.all(Object.entries(options.workers).map(([resource, manners]) => lab.crew.hire(resource, manners)));
      await lab.generator.start();
      await lab.router.stored();
    } catch (error) {
      await lab.close(true);
      throw error;
    }
    return lab;
  }

  get random(): Random {
    return this.#run.random;
  }

  /** One, or those that share a database. */
  get instances(): readonly Instance[] {
    return this.#service.instances;
  }

  /** The one router, or the first of several. */
  get router(): RouterProcess {
    return this.#service.instances[0].router;
  }

  /** Between that router and the server. */
  get wire(): Wire {
    return this.#service.instances[0].wire;
  }

  get storeFile(): string {
    return this.#service.storeFile;
  }

  /** Where the routers store what they have. Throws when that is a file. */
  get database(): LabDatabase {
    const { database } = this.#options;
    if (database === undefined) throw new Error('this run has no database');
    return database;
  }

  /** Starts that router, which breaks itself as it is told. */
  startRouter(hook: Hook = {}): Promise<void> {
    return this.#service.instances[0].start(hook);
  }

  /** The router that works; waits until there is one. */
  active(): Promise<Instance> {
    return this.#service.active();
  }

  /** The other one of two. */
  otherThan(instance: Instance): Instance {
    return this.#service.otherThan(instance);
  }

  /** Does something that breaks, and waits until it is mended: messages in flight meanwhile may come twice. */
  broken(what: string, work: () => Promise<void>): Promise<void> {
    return this.#run.broken(what, work);
  }

  /** Waits until a router is attached again and has all its workers. */
  async whole(): Promise<void> {
    const wanted = this.crew.resources.length;
    const isWhole = async (): Promise<boolean> => (await this.#service.members()) === wanted;
    const deadline = Date.now() + settleLimit;
    while (!(await isWhole().catch(() => false))) {
      if (Date.now() > deadline) throw new Error(`the router is not what it was: ${await this.#service.unready()}`);
      await sleep(50);
    }
  }

  /** Sends nothing new, and waits until nothing waits in the store. */
  async drained(limit = settleLimit): Promise<void> {
    await this.#run.drained(this.generator, () => this.#isBusy(), limit);
  }

  /**
   * Waits until everything that was sent is accepted or returned, and nothing waits in the store.
   * @param limit Milliseconds after which it is given up: the verdict shows it.
   */
  async settle(limit = settleLimit): Promise<void> {
    await this.generator.end();
    await this.crew.rehire();
    await this.drained(limit);
    await this.#run.quiet(this.generator, this.#service.address);
  }

  /** Stops the routers, and says what became of all messages. */
  async verdict(changes: Partial<Terms> = {}): Promise<Verdict> {
    await this.#service.stop();
    await this.generator.close();
    await this.crew.dismiss();
    if (this.#options.guarantee === 'at-least-once') this.#run.note(await this.#service.stored());
    const verdict = this.#check(changes);
    const audit = await this.#options.database?.audit();
    return { ...verdict, problems: [...(audit?.problems ?? []), ...verdict.problems] };
  }

  /** Waits until the logs show something that must not be, for so many milliseconds at most. */
  async shows(problem: RegExp, limit: number): Promise<void> {
    const deadline = Date.now() + limit;
    while (Date.now() < deadline && !this.#check().problems.some((each) => problem.test(each))) await sleep(200);
  }

  events(): readonly LabEvent[] {
    return this.#run.events();
  }

  /** What the logs say of the messages that a verdict names first. */
  stories(verdict: Pick<Verdict, 'problems' | 'lost'>): string {
    return this.#run.stories(verdict);
  }

  /** Ends all processes. @param keep Leaves the logs where they are. */
  async close(keep = false): Promise<void> {
    await this.generator.close();
    await this.crew.dismiss();
    await this.#service.remove();
    if (keep) this.#run.keep(this.instances);
    else this.#run.remove();
  }

  get folder(): string {
    return this.#run.folder;
  }

  #check(changes: Partial<Terms> = {}): Verdict {
    const { guarantee, ordered = false, tellsOfDead = false, keepsLeases = false } = this.#options;
    const terms = { guarantee, ordered, tellsOfDead, keepsLeases, ackTimeout, margin: 2_000, ...changes };
    return check(this.events(), terms);
  }

  async #isBusy(): Promise<boolean> {
    return this.#options.guarantee !== 'plain' && (await this.#service.stored()).open.length > 0;
  }
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
