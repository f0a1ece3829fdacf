import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { prepareRouter, type RouterProcess } from '../../support/router-process.ts';
import type { ServerOptions, XmppServer } from '../../support/xmpp-server.ts';
import { check, storyOf, type Terms, type Verdict } from './checker.ts';
import { Crew } from './crew.ts';
import { EventLog, type LabEvent, readEvents } from './events.ts';
import { Generator } from './generator.ts';
import type { Manners } from './manners.ts';
import { Random } from './random.ts';
import { readStoredQueue } from './stored-queue.ts';
import { Wire } from './wire.ts';

export const labDomain = 'pools.localhost';
const pool = 'jobs';
const workerUser = 'worker';
export const senderUsers: readonly string[] = ['sensor1', 'sensor2', 'sensor3'];
const hooks = fileURLToPath(new URL('./hooks.mjs', import.meta.url));
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
}

/** How the router breaks itself at its next start; see hooks.mjs. */
export interface Hook {
  readonly kill?: {
    readonly point: 'before-commit' | 'in-commit' | 'after-commit' | 'after-effect';
    /** The kind of change; any when absent. */
    readonly op?: string;
    readonly nth: number;
  };
  readonly clock?: { readonly offset: number };
}

/** Milliseconds that a worker of the lab has for a message. */
export const ackTimeout = 4_000;

/** A router between senders and workers on a real server, with everything that can break, and the logs of all. */
export class Lab {
  readonly random: Random;
  readonly server: XmppServer;
  readonly router: RouterProcess;
  readonly wire: Wire;
  readonly crew: Crew;
  readonly generator: Generator;
  readonly #options: LabOptions;
  readonly #folder: string;
  readonly #log: EventLog;
  readonly #environment: Record<string, string>;
  readonly storeFile: string;
  readonly #address = `${pool}@${labDomain}`;

  private constructor(server: XmppServer, options: LabOptions, wire: Wire) {
    const { seed, guarantee } = options;
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-lab-'));
    this.server = server;
    this.wire = wire;
    this.random = new Random(seed);
    this.#options = options;
    this.#folder = folder;
    this.#log = new EventLog(folder, 'lab');
    this.#environment = {};
    const home = options.home ?? built;
    this.router = prepareRouter({
      componentPort: wire.port,
      domain: labDomain,
      secret: 's3cret',
      pools: { [pool]: poolOf(options) },
      config: {
        log: { level: 'info', format: 'json' },
        component: {
          service: `xmpp://127.0.0.1:${wire.port}`,
          domain: labDomain,
          secret: 's3cret',
          reconnect: { min: '50ms', max: '300ms' },
          keepalive: '2s',
          pingTimeout: '2s',
        },
        ...(options.storeFile === undefined ? {} : { store: { driver: 'sqlite', file: options.storeFile } }),
      },
      program: [`--import=${hooks}`, fileURLToPath(new URL('main.js', home))],
      environment: this.#environment,
    });
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
    const wire = new Wire(server.componentPort);
    await wire.start();
    const lab = new Lab(server, options, wire);
    try {
      await lab.startRouter();
      await Promise.all(Object.entries(options.workers).map(([resource, manners]) => lab.crew.hire(resource, manners)));
      await lab.generator.start();
      await lab.router.stored();
    } catch (error) {
      await lab.close(true);
      throw error;
    }
    return lab;
  }

  /** Starts the router, which breaks itself as it is told. */
  async startRouter(hook: Hook = {}): Promise<void> {
    const home = this.#options.home ?? built;
    this.#environment['LAB_HOOK'] = JSON.stringify({ home, ending: 'js', ...hook });
    await this.router.start();
  }

  /** Does something that breaks, and waits until it is mended: messages in flight meanwhile may come twice. */
  async broken(what: string, work: () => Promise<void>): Promise<void> {
    const name = `${what} ${this.random.between(0, 1e9)}`;
    this.#log.write('lab', { kind: 'fault', what: name });
    await work();
    this.#log.write('lab', { kind: 'healed', what: name });
  }

  /** Waits until the router is attached again and has all its workers. */
  async whole(): Promise<void> {
    const wanted = this.crew.resources.length;
    const isWhole = async (): Promise<boolean> =>
      (await this.router.get('/readyz')).status === 200 &&
      (await this.router.metric('switchyard_pool_members', { pool })) === wanted;
    const deadline = Date.now() + settleLimit;
    while (!(await isWhole().catch(() => false))) {
      if (Date.now() > deadline) throw new Error('the router is not what it was');
      await sleep(50);
    }
  }

  /** Sends nothing new, and waits until nothing waits in the store. */
  async drained(limit = settleLimit): Promise<void> {
    await this.generator.end();
    const deadline = Date.now() + limit;
    while (this.#isBusy() && Date.now() < deadline) {
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

  /** Stops the router, and says what became of all messages. */
  async verdict(changes: Partial<Terms> = {}): Promise<Verdict> {
    await this.router.stop();
    await this.generator.close();
    await this.crew.dismiss();
    const { guarantee, ordered = false, tellsOfDead = false } = this.#options;
    if (guarantee === 'at-least-once') {
      const { open, dead, tally } = readStoredQueue(this.storeFile, pool);
      this.#log.write('store', { kind: 'stored', open, dead });
      if (tally !== undefined) this.#log.write('store', { kind: 'tally', tally });
    }
    return check(this.events(), { guarantee, ordered, tellsOfDead, ackTimeout, margin: 2_000, ...changes });
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
    await this.router.remove();
    await this.wire.close();
    if (!keep) rmSync(this.#folder, { recursive: true, force: true });
  }

  get folder(): string {
    return this.#folder;
  }

  #isBusy(): boolean {
    if (this.#options.guarantee === 'plain') return false;
    return this.generator.waiting > 0 || readStoredQueue(this.storeFile, pool).open.length > 0;
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
