import type { ServerOptions, XmppServer } from '../../support/servers/xmpp-server.ts';
import { until } from '../../support/until.ts';
import { check, type Verdict } from './checker.ts';
import { Crew } from './crew.ts';
import type { LabEvent } from './events.ts';
import { Generator } from './generator.ts';
import type { Instance } from './instance.ts';
import { ackTimeout, labServer, senderUsers } from './lab.ts';
import type { LabDatabase } from './lab-database.ts';
import type { Manners } from './manners.ts';
import type { Random } from './random.ts';
import { Run, settleLimit } from './run.ts';
import { Service } from './service.ts';

const pool = 'jobs';
const frontDomain = 'front.localhost';
const farDomains = ['p1.localhost', 'p2.localhost'] as const;
const workerUser = 'worker';

/** What the accounts and components of a server for such labs are. */
export const spreadServer: ServerOptions = {
  ...labServer,
  components: Object.fromEntries([frontDomain, ...farDomains].map((domain) => [domain, 's3cret'])),
  componentsApart: true,
};

export interface SpreadOptions {
  readonly seed: number;
  /** Of the workers of each of the two pools behind the front, by their resources, which are not the same in both. */
  readonly workers: readonly [Readonly<Record<string, Manners>>, Readonly<Record<string, Manners>>];
  /** Where each of the two stores what it has; files when absent. */
  readonly databases?: readonly [LabDatabase, LabDatabase];
  /** Routers of the first of the two: a pair shares its database; one when absent. */
  readonly instances?: number;
  /** URL of the folder with the compiled routers behind the front; the build when absent. */
  readonly farHome?: string;
  /** Messages that each worker may have at a time; the default when absent. */
  readonly capacity?: number;
}

/** A pool behind the front, and who works there. */
interface Site {
  readonly service: Service;
  readonly crew: Crew;
  readonly manners: Readonly<Record<string, Manners>>;
}

/** Senders, a front, two pools of other domains behind it, and their workers, on a real server, with the logs of all. */
export class SpreadLab {
  readonly front: Service;
  readonly sites: readonly [Site, Site];
  readonly generator: Generator;
  readonly #run: Run;
  readonly #databases: readonly LabDatabase[];

  private constructor(server: XmppServer, options: SpreadOptions, front: Service, far: readonly [Service, Service]) {
    const { seed, workers, databases = [] } = options;
    this.#run = new Run(seed);
    this.#databases = databases;
    const { folder } = this.#run;
    const place = { port: server.c2sPort, folder };
    const siteOf = (service: Service, manners: Readonly<Record<string, Manners>>): Site => {
      const crew = new Crew({ ...place, user: workerUser, pool: service.address, seed });
      return { service, crew, manners };
    };
    this.front = front;
    this.sites = [siteOf(far[0], workers[0]), siteOf(far[1], workers[1])];
    this.generator = new Generator(senderUsers, { ...place, pool: front.address, style: 'durable', poisonEvery: 0 });
  }

  /** Starts everything and waits until the front sees both pools. */
  static async open(server: XmppServer, options: SpreadOptions): Promise<SpreadLab> {
    const { databases, instances, farHome, capacity } = options;
    const behind = (at: 0 | 1): Promise<Service> =>
      Service.prepare(server, {
        domain: farDomains[at],
        pool,
        settings: farPool(capacity),
        home: farHome,
        database: databases?.[at],
        instances: at === 0 ? instances : 1,
      });
    const front = await Service.prepare(server, { domain: frontDomain, pool, settings: frontPool });
    const lab = new SpreadLab(server, options, front, [await behind(0), await behind(1)]);
    try {
      await Promise.all(lab.sites.map((site) => openSite(site)));
      await front.start();
      await lab.generator.start();
      await lab.whole();
    } catch (error) {
      await lab.close(true);
      throw error;
    }
    return lab;
  }

  get random(): Random {
    return this.#run.random;
  }

  get folder(): string {
    return this.#run.folder;
  }

  /** Does something that breaks, and waits until it is mended: messages in flight meanwhile may come twice. */
  broken(what: string, work: () => Promise<void>): Promise<void> {
    return this.#run.broken(what, work);
  }

  /** Waits until all services work, have their workers, and the front gives to both pools. */
  async whole(): Promise<void> {
    for (const { service, crew } of this.sites) {
      const wanted = crew.resources.length;
      await until(async () => (await service.members()) === wanted, `${service.address} has its workers`, settleLimit);
    }
    const isSeen = async (): Promise<boolean> => (await this.front.members('verified')) === this.sites.length;
    await until(isSeen, 'the front gives to both', settleLimit);
  }

  /** Waits until everything that was sent is accepted or returned, and nothing waits in any store. */
  async settle(limit = settleLimit): Promise<void> {
    await this.#run.drained(this.generator, () => this.#isBusy(), limit);
    await this.#run.quiet(this.generator, this.front.address);
  }

  /** Stops the routers, and says what became of all messages. */
  async verdict(): Promise<Verdict> {
    for (const service of this.#services()) await service.stop();
    await this.#dismiss();
    for (const service of this.#services()) this.#run.note(await service.stored());
    const terms = {
      guarantee: 'at-least-once',
      ordered: false,
      tellsOfDead: false,
      ackTimeout,
      margin: 2_000,
    } as const;
    const verdict = check(this.events(), terms);
    const audits = await Promise.all(this.#databases.map((database) => database.audit()));
    return { ...verdict, problems: [...audits.flatMap(({ problems }) => problems), ...verdict.problems] };
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
    await this.#dismiss();
    const services = this.#services();
    for (const service of services) await service.remove();
    if (keep) this.#run.keep(services.flatMap<Instance>(({ instances }) => instances));
    else this.#run.remove();
  }

  async #dismiss(): Promise<void> {
    await this.generator.close();
    for (const { crew } of this.sites) await crew.dismiss();
  }

  #services(): readonly Service[] {
    return [this.front, ...this.sites.map(({ service }) => service)];
  }

  async #isBusy(): Promise<boolean> {
    for (const service of this.#services()) if ((await service.stored()).open.length > 0) return true;
    return false;
  }
}

async function openSite({ service, crew, manners }: Site): Promise<void> {
  await service.start();
  await Promise.all(Object.entries(manners).map(([resource, each]) => crew.hire(resource, each)));
  for (const { router } of service.instances) await router.stored();
}

const durable = {
  guarantee: 'at-least-once',
  ackTimeout: `${ackTimeout / 1_000}s`,
  backoff: { min: '100ms', max: '1s' },
  queue: { perSender: '100%' },
} as const;

function farPool(capacity: number | undefined): Readonly<Record<string, unknown>> {
  const delivery = { ...durable, ...(capacity === undefined ? {} : { capacity }) };
  return { workers: [`${workerUser}@localhost`], senders: [`*@${frontDomain}`], delivery };
}

const frontPool = {
  workers: [],
  members: farDomains.map((domain) => ({ jid: `${pool}@${domain}` })),
  senders: senderUsers.map((user) => `${user}@localhost`),
  delivery: { ...durable, maxAttempts: 50 },
};
