import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { freePorts } from './free-ports.ts';
import { type Daemon, findProgram, giveTo, makeDaemon, makeFolder } from './servers/daemon.ts';
import { c2sXml, type Jabberd2Plan, jabberd2Schema, routerUsers, routerXml, smXml } from './servers/jabberd2-config.ts';
import type { ServerOptions, XmppServer } from './servers/xmpp-server.ts';

const domain = 'localhost';
const user = 'jabber';
const startLimit = 45_000;

/** Why jabberd2 cannot be started here, or `undefined`. */
export function jabberd2Missing(): string | undefined {
  return findProgram('jabberd2-router') === undefined ? 'jabberd2 is not installed' : undefined;
}

/**
 * Starts a jabberd2 of its own in a temporary folder, on free ports of 127.0.0.1: three processes,
 * of which the first, the router, is where components attach. One secret holds for all of them,
 * and any domain is taken; of `components` the first secret counts.
 */
export async function startJabberd2(options: ServerOptions = {}): Promise<XmppServer> {
  const folder = makeFolder('jabberd2');
  const [c2sPort = 0, componentPort = 0] = await freePorts(2);
  const plan: Jabberd2Plan = { folder, domain, c2sPort, componentPort, options };
  const database = new Database(join(folder, 'jabberd2.db'));
  database.exec(jabberd2Schema);
  const insert = database.prepare('INSERT INTO authreg (username, realm, password) VALUES (?, ?, ?)');
  for (const [name, password] of Object.entries(options.accounts ?? {})) insert.run(name, domain, password);
  database.close();
  writeFileSync(join(folder, 'router.xml'), routerXml(plan));
  writeFileSync(join(folder, 'router-users.xml'), routerUsers);
  writeFileSync(join(folder, 'sm.xml'), smXml(plan));
  writeFileSync(join(folder, 'c2s.xml'), c2sXml(plan));
  giveTo(user, folder);
  const daemon = (part: string, ports: readonly number[]): Daemon =>
    makeDaemon({
      name: `jabberd2-${part}`,
      command: findProgram(`jabberd2-${part}`) ?? `jabberd2-${part}`,
      args: ['-c', join(folder, `${part}.xml`)],
      folder,
      env: { HOME: folder },
      user,
      ports,
      logFile: join(folder, `${part}.log`),
    });
  const router = daemon('router', [componentPort]);
  const sm = daemon('sm', []);
  const c2s = daemon('c2s', [c2sPort]);
  const logFile = join(folder, 'router.log');
  /** The router's log grows over restarts. */
  const sessionManagers = (): number =>
    existsSync(logFile) ? readFileSync(logFile, 'utf8').split(`[${domain}] online`).length - 1 : 0;

  async function start(): Promise<void> {
    const before = sessionManagers();
    await router.start();
    await Promise.all([sm.start(), c2s.start()]);
    const deadline = Date.now() + startLimit;
    // A login before the session manager has its domain would hang.
    while (sessionManagers() === before) {
      if (Date.now() > deadline) throw new Error(`the session manager did not come:\n${readFileSync(logFile, 'utf8')}`);
      await sleep(10);
    }
  }
  const all = async (act: (one: Daemon) => Promise<void>): Promise<void> => {
    await Promise.all([c2s, sm, router].map(act));
  };

  await start();
  return {
    name: 'jabberd2',
    domain,
    c2sPort,
    componentPort,
    logFile,
    folder,
    get pid() {
      return router.pid;
    },
    async register(name, password) {
      const open = new Database(join(folder, 'jabberd2.db'));
      open.prepare('INSERT INTO authreg (username, realm, password) VALUES (?, ?, ?)').run(name, domain, password);
      open.close();
      await Promise.resolve();
    },
    start,
    stop: () => all((one) => one.stop()),
    async restart() {
      await all((one) => one.stop());
      await start();
    },
    kill9: () => all((one) => one.kill9()),
    remove: () => all((one) => one.remove()),
  };
}
