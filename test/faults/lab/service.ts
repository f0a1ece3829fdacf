import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { XmppServer } from '../../support/servers/xmpp-server.ts';
import { type Hook, Instance } from './instance.ts';
import type { LabDatabase } from './lab-database.ts';
import { settleLimit } from './run.ts';
import { readStoredQueue, type StoredQueue } from './stored-queue.ts';
import { Wire } from './wire.ts';

const built = new URL('../../../dist/', import.meta.url).href;

export interface ServiceOptions {
  readonly domain: string;
  /** Its pool. */
  readonly pool: string;
  /** What that is, in the configuration. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Where the database is; in the router's folder when absent. */
  readonly storeFile?: string | undefined;
  /** Keeps what is stored, instead of a file. */
  readonly database?: LabDatabase | undefined;
  /** Routers that share the database; one when absent. */
  readonly instances?: number | undefined;
  /** Whether there is something to cut between each router and the database. */
  readonly databaseWires?: boolean | undefined;
  /** Further keys of the section `standby`, which win. */
  readonly standby?: Readonly<Record<string, unknown>> | undefined;
  /** URL of the folder with the compiled router; the build when absent. */
  readonly home?: string | undefined;
}

/** A pool of one domain: a router, or several that share what they store. */
export class Service {
  readonly instances: readonly [Instance, ...Instance[]];
  readonly storeFile: string;
  readonly #options: ServiceOptions;

  private constructor(options: ServiceOptions, instances: readonly [Instance, ...Instance[]]) {
    this.#options = options;
    this.instances = instances;
    this.storeFile = options.storeFile ?? join(instances[0].router.folder, 'switchyard.db');
  }

  /** Nothing runs before `start`. */
  static async prepare(server: XmppServer, options: ServiceOptions): Promise<Service> {
    const first = await makeInstance(server, options, 1);
    const others: Instance[] = [];
    while (1 + others.length < (options.instances ?? 1)) {
      others.push(await makeInstance(server, options, 2 + others.length));
    }
    return new Service(options, [first, ...others]);
  }

  /** @param hooks Of each router. */
  async start(hooks: readonly Hook[] = []): Promise<void> {
    const [first, ...others] = this.instances;
    await first.start(hooks[0]);
    await this.#options.database?.beginAudit();
    for (const [index, instance] of others.entries()) await instance.start(hooks[index + 1], 'listening');
  }

  get address(): string {
    return `${this.#options.pool}@${this.#options.domain}`;
  }

  /** The router that works; waits until there is one. */
  async active(): Promise<Instance> {
    for (const deadline = Date.now() + settleLimit; ; await sleep(50)) {
      for (const instance of this.instances) if (await instance.isReady()) return instance;
      if (Date.now() > deadline) throw new Error(`no router works: ${await this.unready()}`);
    }
  }

  /** The other one of two. */
  otherThan(instance: Instance): Instance {
    const other = this.instances.find((each) => each !== instance);
    if (other === undefined) throw new Error('there is one router only');
    return other;
  }

  /** How many workers and static members it has, of this state, or of any; waits for a router that works. */
  async members(state?: string): Promise<number> {
    const { router } = await this.active();
    const labels = { pool: this.#options.pool, ...(state === undefined ? {} : { state }) };
    return router.metric('switchyard_pool_members', labels);
  }

  /** What each router says of itself. */
  async unready(): Promise<string> {
    const answers = await Promise.all(this.instances.map((instance) => instance.readiness()));
    return answers.map((answer) => answer?.body ?? 'no answer').join('\n');
  }

  async stored(): Promise<StoredQueue> {
    const { database, pool } = this.#options;
    return database?.stored(pool) ?? readStoredQueue(this.storeFile, pool);
  }

  /** Ends all routers in order, and the one that works last. */
  async stop(): Promise<void> {
    const active = this.instances.length > 1 ? await this.active() : this.instances[0];
    for (const each of this.instances) if (each !== active) await each.router.stop();
    await active.router.stop();
  }

  async remove(): Promise<void> {
    for (const instance of this.instances) await instance.remove();
  }
}

async function makeInstance(server: XmppServer, options: ServiceOptions, number: number): Promise<Instance> {
  const { database, storeFile, domain, pool, settings, standby, home = built } = options;
  const wire = new Wire(server.componentPorts?.[domain] ?? server.componentPort);
  await wire.start();
  const databaseWires = options.databaseWires === true ? ((await database?.wires()) ?? []) : [];
  const ports = databaseWires.length > 0 ? databaseWires.map(({ port }) => port) : undefined;
  const file = storeFile === undefined ? undefined : { driver: 'sqlite', file: storeFile };
  return new Instance({
    domain,
    pools: { [pool]: settings },
    store: database?.store(ports) ?? file,
    standby: database === undefined ? undefined : { lease: '2s', name: `router${number}`, ...standby },
    home,
    wire,
    databaseWires,
  });
}
