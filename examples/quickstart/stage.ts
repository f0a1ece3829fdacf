import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { prepareRouter, type RouterProcess } from '../../test/support/router/router-process.ts';
import { startProsody } from '../../test/support/servers/prosody.ts';
import type { XmppServer } from '../../test/support/servers/xmpp-server.ts';
import { Sender } from './sender.ts';
import { Worker } from './worker.ts';

export const domain = 'pools.localhost';
export const pool = `jobs@${domain}`;
export const accounts = { worker: 'worker', sender: 'sensor', visitor: 'you' } as const;
const names = ['n1', 'n2', 'n3', 'n4'];

/** Everything that runs for the demo: a server, the router, four workers and a sender. */
export interface Stage {
  readonly server: XmppServer;
  readonly router: RouterProcess;
  readonly workers: readonly Worker[];
  readonly sender: Sender;
  /** Of every account; made for this run. */
  readonly password: string;
  /** The router's configuration file. */
  readonly configFile: string;
}

/** The pool as it stands in the router's configuration. */
export const pools = {
  jobs: {
    name: 'Jobs',
    algorithm: 'roundrobin',
    workers: [`${accounts.worker}@localhost`],
    senders: [`${accounts.sender}@localhost`, `${accounts.visitor}@localhost`],
  },
};

/** Sets the stage and clears it away again, wherever setting it was broken off. */
export class Stagehand {
  readonly #arrived: (worker: Worker, id: string, body: string) => void;
  readonly #undo: (() => Promise<unknown>)[] = [];
  #setting: Promise<Stage> | undefined;

  /** @param arrived Called with each message that arrives at a worker. */
  constructor(arrived: (worker: Worker, id: string, body: string) => void) {
    this.#arrived = arrived;
  }

  set(): Promise<Stage> {
    this.#setting ??= this.#set();
    return this.#setting;
  }

  /** Ends every process and removes the temporary folders; the last to come goes first. */
  async clear(): Promise<void> {
    await this.#setting?.catch(() => undefined);
    for (const undo of this.#undo.splice(0).toReversed()) await undo().catch(() => undefined);
  }

  async #set(): Promise<Stage> {
    const password = randomBytes(5).toString('hex');
    const secret = randomBytes(16).toString('hex');
    const server = await startProsody({
      accounts: Object.fromEntries(Object.values(accounts).map((name) => [name, password])),
      components: { [domain]: secret },
    });
    this.#undo.push(() => server.remove());
    const router = prepareRouter({
      componentPort: server.componentPort,
      domain,
      secret,
      pools,
      config: { log: { level: 'info', format: 'json' } },
      built: true,
    });
    this.#undo.push(() => router.remove());
    await router.start();
    const { c2sPort: port } = server;
    const workers: Worker[] = [];
    for (const name of names) {
      const worker = await Worker.connect({
        port,
        user: accounts.worker,
        password,
        name,
        pool,
        arrived: this.#arrived,
      });
      this.#undo.push(() => worker.end());
      workers.push(worker);
    }
    const sender = await Sender.connect({ port, user: accounts.sender, password, resource: 'demo', pool });
    this.#undo.push(() => sender.end());
    return { server, router, workers, sender, password, configFile: join(router.folder, 'component.config.json') };
  }
}
