import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../free-ports.ts';
import { findProgram, giveTo, makeDaemon, makeFolder } from './daemon.ts';
import { startNameServer } from './name-server.ts';
import { ejabberdFederation, erlangResolver } from './s2s.ts';
import type { ServerOptions, XmppServer } from './xmpp-server.ts';

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

/** A node of a cluster: its name, where it is reached by others, and what it joins. */
export interface EjabberdNode {
  /** A loopback address of its own: all nodes of a cluster have the same port. */
  readonly ip: string;
  readonly port: number;
  /** The address of a node that runs. */
  readonly join?: string;
}

/** Erlang's distribution without epmd, if any; joining runs outside of ejabberd, which it restarts. */
function nodeArguments(node: EjabberdNode | undefined): string[] {
  if (node === undefined) return ['-s', 'ejabberd'];
  const join = node.join === undefined ? [] : ['-eval', `ejabberd_cluster:join('ej@${node.join}').`];
  const kernel = ['-kernel', 'inet_dist_use_interface', `{${node.ip.replaceAll('.', ',')}}`];
  const port = ['-start_epmd', 'false', '-erl_epmd_port', String(node.port)];
  return ['-name', `ej@${node.ip}`, '-setcookie', 'switchyard-tests', ...kernel, ...port, '-s', 'ejabberd', ...join];
}

/** JSON is YAML, and JSON.stringify needs no care for quotes and indents. */
function configuration(ports: readonly number[], options: ServerOptions): string {
  const components = new Map(Object.entries(options.components ?? {}).map(([name, password]) => [name, { password }]));
  const limit = (bytes: number | undefined) => (bytes === undefined ? {} : { max_stanza_size: bytes });
  const [c2s, component, api, ...more] = ports;
  const groups =
    options.componentsApart === true
      ? [...components].map((each) => [each])
      : components.size === 0
        ? []
        : [[...components]];
  const { domain = 'localhost', federation, balancing } = options;
  const others = federation === undefined ? undefined : ejabberdFederation(federation);
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
      ...groups.map((hosts, index) => ({
        port: index === 0 ? component : more[index - 1],
        ip: '127.0.0.1',
        module: 'ejabberd_service',
        access: 'all',
        shaper: 'none',
        check_from: options.validateFrom ?? true,
        hosts: Object.fromEntries<{ password: string }>(hosts),
        ...limit(options.componentStanzaLimit),
      })),
      ...(others === undefined ? [] : [others.listener]),
      { port: api, ip: '127.0.0.1', module: 'ejabberd_http', request_handlers: { '/api': 'mod_http_api' } },
    ],
    ...others?.keys,
    ...(balancing === undefined
      ? {}
      : { domain_balancing: { [balancing.domain]: { type: balancing.type, component_number: balancing.components } } }),
    api_permissions: { tests: { who: [{ ip: '127.0.0.0/8' }], what: ['register', 'list_cluster'] } },
    shaper_rules: { max_user_sessions: 1000 },
    modules: {
      mod_roster: {},
      mod_ping: {},
      mod_disco: {},
      mod_http_api: {},
      ...(options.offline === true ? { mod_offline: {} } : {}),
      ...(options.carbons === true ? { mod_carboncopy: {} } : {}),
      ...(options.adhoc === true ? { mod_adhoc: {} } : {}),
      ...(options.pubsub === undefined
        ? {}
        : { mod_pubsub: { host: options.pubsub.domain, access_createnode: 'all', plugins: ['flat'] } }),
    },
  });
}

/**
 * Starts an ejabberd of its own in a temporary folder, on free ports of 127.0.0.1. It runs
 * `erl` as ejabberdctl would, but for any account, without Erlang's distribution (no epmd, no
 * node name, no cookie) unless it is a `node`, and with an HTTP port through which accounts are
 * made in milliseconds.
 */
export async function startEjabberd(options: ServerOptions = {}, node?: EjabberdNode): Promise<XmppServer> {
  const { domain = 'localhost', federation } = options;
  const folder = makeFolder('ejabberd');
  const apart = options.componentsApart === true ? Object.keys(options.components ?? {}) : [];
  const ports = await freePorts(3 + Math.max(0, apart.length - 1));
  const [c2sPort = 0, componentPort = 0, apiPort = 0] = ports;
  const logFile = join(folder, 'ejabberd.log');
  writeFileSync(join(folder, 'ejabberd.yml'), configuration(ports, options));
  mkdirSync(join(folder, 'spool'));
  const names = federation === undefined ? undefined : await startNameServer(federation.peers);
  const resolver = join(folder, 'inetrc');
  if (names !== undefined) writeFileSync(resolver, erlangResolver(names.port));
  giveTo(user, folder);
  const daemon = makeDaemon({
    name: 'ejabberd',
    command: findProgram('erl') ?? 'erl',
    args: ['-noinput', '-mnesia', 'dir', JSON.stringify(join(folder, 'spool')), ...nodeArguments(node)],
    folder,
    env: {
      HOME: join(folder, 'spool'),
      ERL_LIBS: codeFolder(),
      ERL_CRASH_DUMP_BYTES: '0',
      EJABBERD_CONFIG_PATH: join(folder, 'ejabberd.yml'),
      EJABBERD_LOG_PATH: logFile,
      CONTRIB_MODULES_PATH: join(folder, 'spool'),
      ...(names === undefined ? {} : { ERL_INETRC: resolver }),
    },
    user,
    ports: Object.keys(options.components ?? {}).length === 0 ? [c2sPort, apiPort] : ports,
    logFile,
  });

  /** A node that joins restarts once it runs: it is ready when it knows the other. */
  async function joined(other: string): Promise<void> {
    for (const deadline = Date.now() + 45_000; Date.now() < deadline; await sleep(50)) {
      try {
        const answer = await fetch(`http://127.0.0.1:${apiPort}/api/list_cluster`, { method: 'POST', body: '{}' });
        if (answer.ok && (await answer.text()).includes(other)) return;
      } catch {
        // It is not there while it restarts.
      }
    }
    throw new Error(`ejabberd did not join ${other}:\n${readFileSync(logFile, 'utf8').slice(-4000)}`);
  }

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
    if (node?.join !== undefined) await joined(node.join);
    await Promise.all([...accounts].map(([name, password]) => register(name, password)));
  }

  await start();
  return {
    name: 'ejabberd',
    domain,
    c2sPort,
    componentPort,
    componentPorts: Object.fromEntries(apart.map((name, index) => [name, ports[index === 0 ? 1 : 2 + index] ?? 0])),
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
    async remove() {
      await daemon.remove();
      names?.close();
    },
  };
}
