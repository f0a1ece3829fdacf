import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, giveTo, makeDaemon, makeFolder } from './daemon.ts';
import { freePorts } from './free-ports.ts';
import type { ServerOptions, XmppServer } from './xmpp-server.ts';

const domain = 'localhost';
const user = 'ejabberd';

/** Why ejabberd cannot be started here, or `undefined`. */
export function ejabberdMissing(): string | undefined {
  return findProgram('ejabberdctl') === undefined ? 'ejabberd is not installed' : undefined;
}

/** Where Debian keeps ejabberd's code; ejabberdctl itself knows. */
function codeFolder(): string {
  const script = readFileSync(findProgram('ejabberdctl') ?? '/usr/sbin/ejabberdctl', 'utf8');
  return /^ERL_LIBS='?([^'\n]+)/m.exec(script)?.[1] ?? '/usr/lib/x86_64-linux-gnu';
}

/** JSON is YAML, and JSON.stringify needs no care for quotes and indents. */
function configuration(ports: readonly number[], options: ServerOptions): string {
  const components = new Map(Object.entries(options.components ?? {}).map(([name, password]) => [name, { password }]));
  const limit = (bytes: number | undefined) => (bytes === undefined ? {} : { max_stanza_size: bytes });
  const [c2s, component, api] = ports;
  return JSON.stringify({
    hosts: [domain],
    loglevel: 'info',
    auth_method: 'internal',
    auth_password_format: 'plain',
    disable_sasl_mechanisms: ['digest-md5', 'X-OAUTH2'],
    listen: [
      {
        port: c2s,
        ip: '127.0.0.1',
        module: 'ejabberd_c2s',
        starttls: false,
        shaper: 'none',
        access: 'all',
        ...limit(options.clientStanzaLimit),
      },
      ...(components.size === 0
        ? []
        : [
            {
              port: component,
              ip: '127.0.0.1',
              module: 'ejabberd_service',
              access: 'all',
              shaper: 'none',
              check_from: options.validateFrom ?? true,
              hosts: Object.fromEntries<{ password: string }>(components),
              ...limit(options.componentStanzaLimit),
            },
          ]),
      { port: api, ip: '127.0.0.1', module: 'ejabberd_http', request_handlers: { '/api': 'mod_http_api' } },
    ],
    api_permissions: { tests: { who: [{ ip: '127.0.0.0/8' }], what: ['register'] } },
    shaper_rules: { max_user_sessions: 1000 },
    modules: {
      mod_roster: {},
      mod_ping: {},
      mod_disco: {},
      mod_http_api: {},
      ...(options.offline === true ? { mod_offline: {} } : {}),
      ...(options.pubsub === undefined
        ? {}
        : { mod_pubsub: { host: options.pubsub.domain, access_createnode: 'all', plugins: ['flat'] } }),
    },
  });
}

/**
 * Starts an ejabberd of its own in a temporary folder, on free ports of 127.0.0.1. It runs
 * `erl` as ejabberdctl would, but for any account, without Erlang's distribution (no epmd, no
 * node name, no cookie), and with an HTTP port through which accounts are made in milliseconds.
 */
export async function startEjabberd(options: ServerOptions = {}): Promise<XmppServer> {
  const folder = makeFolder('ejabberd');
  const ports = await freePorts(3);
  const [c2sPort = 0, componentPort = 0, apiPort = 0] = ports;
  const logFile = join(folder, 'ejabberd.log');
  writeFileSync(join(folder, 'ejabberd.yml'), configuration(ports, options));
  mkdirSync(join(folder, 'spool'));
  giveTo(user, folder);
  const daemon = makeDaemon({
    name: 'ejabberd',
    command: findProgram('erl') ?? 'erl',
    args: ['-noinput', '-mnesia', 'dir', JSON.stringify(join(folder, 'spool')), '-s', 'ejabberd'],
    folder,
    env: {
      HOME: join(folder, 'spool'),
      ERL_LIBS: codeFolder(),
      ERL_CRASH_DUMP_BYTES: '0',
      EJABBERD_CONFIG_PATH: join(folder, 'ejabberd.yml'),
      EJABBERD_LOG_PATH: logFile,
      CONTRIB_MODULES_PATH: join(folder, 'spool'),
    },
    user,
    ports: Object.keys(options.components ?? {}).length === 0 ? [c2sPort, apiPort] : ports,
    logFile,
  });

  async function register(name: string, password: string): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${apiPort}/api/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: name, host: domain, password }),
    });
    if (!answer.ok && answer.status !== 409) {
      throw new Error(`ejabberd did not register ${name}: ${answer.status} ${await answer.text()}`);
    }
  }

  const accounts = new Map(Object.entries(options.accounts ?? {}));
  // Again at each start: a killed ejabberd may not have written its latest accounts yet.
  async function start(): Promise<void> {
    await daemon.start();
    await Promise.all([...accounts].map(([name, password]) => register(name, password)));
  }

  await start();
  return {
    name: 'ejabberd',
    domain,
    c2sPort,
    componentPort,
    logFile,
    folder,
    get pid() {
      return daemon.pid;
    },
    async register(name, password) {
      await register(name, password);
      accounts.set(name, password);
    },
    start,
    stop: () => daemon.stop(),
    async restart() {
      await daemon.stop();
      await start();
    },
    kill9: () => daemon.kill9(),
    remove: () => daemon.remove(),
  };
}
