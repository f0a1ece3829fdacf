import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../free-ports.ts';
import { findProgram, giveTo, makeDaemon, makeFolder } from './daemon.ts';
import { prosodyFederation } from './s2s.ts';
import type { ServerOptions, XmppServer } from './xmpp-server.ts';

const user = 'prosody';

/** Why Prosody cannot be started here, or `undefined`. */
export function prosodyMissing(): string | undefined {
  return findProgram('prosody') === undefined ? 'prosody is not installed' : undefined;
}

function configuration(folder: string, ports: readonly number[], options: ServerOptions): string {
  const { clientStanzaLimit, componentStanzaLimit, federation, domain = 'localhost' } = options;
  const modules = ['roster', 'saslauth', 'presence', 'message', 'iq', 'disco', 'ping'];
  if (options.offline === true) modules.push('offline');
  if (options.carbons === true) modules.push('carbons');
  if (options.adhoc === true) modules.push('adhoc');
  if (federation !== undefined) modules.push('s2s', 'tls', 'fixed_addresses');
  const disabled = ['s2s', 'tls', 'offline'].filter((name) => !modules.includes(name));
  const list = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
  const lines = [
    `pidfile = "${folder}/prosody.pid"`,
    `data_path = "${folder}/data"`,
    `certificates = "${folder}"`,
    'interfaces = { "127.0.0.1" }',
    'component_interfaces = { "127.0.0.1" }',
    `c2s_ports = { ${ports[0]} }`,
    `component_ports = { ${ports[1]} }`,
    `modules_enabled = { ${list(modules)} }`,
    `modules_disabled = { ${list(disabled)} }`,
    'authentication = "internal_plain"',
    'allow_unencrypted_plain_auth = true',
    'c2s_require_encryption = false',
    'storage = "internal"',
    `log = { info = "${folder}/prosody.log" }`,
    ...(clientStanzaLimit === undefined ? [] : [`c2s_stanza_size_limit = ${clientStanzaLimit}`]),
    ...(componentStanzaLimit === undefined ? [] : [`component_stanza_size_limit = ${componentStanzaLimit}`]),
    ...(federation === undefined ? [] : prosodyFederation(folder, federation)),
    `VirtualHost "${domain}"`,
  ];
  for (const [name, secret] of Object.entries(options.components ?? {})) {
    lines.push(
      `Component "${name}"`,
      `    component_secret = ${JSON.stringify(secret)}`,
      ...(options.kickOld === true ? ['    component_conflict_resolve = "kick_old"'] : []),
      `    validate_from_addresses = ${options.validateFrom ?? true}`,
    );
  }
  if (options.pubsub !== undefined) {
    lines.push(`Component "${options.pubsub.domain}" "pubsub"`, `    admins = { "${options.pubsub.owner}" }`);
  }
  return `${lines.join('\n')}\n`;
}

/** Starts a Prosody of its own in a temporary folder, on free ports of 127.0.0.1. */
export async function startProsody(options: ServerOptions = {}): Promise<XmppServer> {
  const folder = makeFolder('prosody');
  const ports = await freePorts(2);
  const [c2sPort = 0, componentPort = 0] = ports;
  const { domain = 'localhost' } = options;
  const encoded = (name: string): string =>
    encodeURIComponent(name)
      .replace(/[-_.!~*'()]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)
      .toLowerCase();
  const accounts = join(folder, 'data', encoded(domain), 'accounts');
  mkdirSync(accounts, { recursive: true });
  // Storage "internal" reads this file at each login: faster than prosodyctl, and at any time.
  const register = (name: string, password: string): void => {
    writeFileSync(join(accounts, `${encoded(name)}.dat`), `return { password = ${JSON.stringify(password)} };\n`);
  };
  for (const [name, password] of Object.entries(options.accounts ?? {})) {
    register(name, password);
  }
  const configurationFile = join(folder, 'prosody.cfg.lua');
  writeFileSync(configurationFile, configuration(folder, ports, options));
  giveTo(user, folder);
  const daemon = makeDaemon({
    name: 'prosody',
    command: findProgram('prosody') ?? 'prosody',
    args: ['--config', configurationFile, '-F'],
    folder,
    env: { HOME: folder },
    user,
    // Without a component Prosody does not open the second.
    ports: Object.keys(options.components ?? {}).length === 0 ? [c2sPort] : ports,
    logFile: join(folder, 'prosody.log'),
  });
  await daemon.start();
  return {
    name: 'prosody',
    domain,
    c2sPort,
    componentPort,
    logFile: join(folder, 'prosody.log'),
    folder,
    get pid() {
      return daemon.pid;
    },
    async register(name, password) {
      register(name, password);
      await Promise.resolve();
    },
    start: () => daemon.start(),
    stop: () => daemon.stop(),
    async restart() {
      await daemon.stop();
      await daemon.start();
    },
    kill9: () => daemon.kill9(),
    remove: () => daemon.remove(),
  };
}
