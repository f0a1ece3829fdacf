import { complaint, type Reading } from './leaves.ts';

/** How connections to the database are encrypted, and whether the server must prove who it is. */
const tlsModes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

/** What a URL of a PostgreSQL says. */
export interface DatabaseUrl {
  /** In the order in which they are tried; a host that begins with `/` is the folder of a Unix socket. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly user: string;
  readonly database: string;
  readonly tls: (typeof tlsModes)[number];
  /** As written; `undefined` for the authorities that Node.js knows. */
  readonly authorities: string | undefined;
  readonly applicationName: string;
  /** Milliseconds for each host. */
  readonly connectTimeout: number;
}

/** What may stand after the question mark. */
const parameterNames = [
  'host',
  'port',
  'sslmode',
  'sslrootcert',
  'connect_timeout',
  'application_name',
  'target_session_attrs',
];

const usual = { port: 5432, seconds: 5, longest: 60 };
const example = '"postgresql://switchyard@db.example.org/switchyard"';

/** A part that is wrong; its text is the complaint. */
class Wrong extends Error {}

function wrong(problem: string, suggestion: string): never {
  throw new Wrong(complaint(problem, suggestion));
}

/** Reads a connection URL as libpq has it, of one host or several, without a password. */
export function readDatabaseUrl(text: string): Reading<DatabaseUrl> {
  try {
    return { value: parse(text) };
  } catch (error) {
    if (error instanceof Wrong) return { complaint: error.message };
    throw error;
  }
}

function parse(text: string): DatabaseUrl {
  // The last @ before the path ends the account: a password may hold anything that its writer forgot to encode.
  const parts =
    /^postgres(?:ql)?:\/\/(?:(?<account>[^?]*)@)?(?<hosts>[^/?]*)(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/s.exec(
      text,
    );
  if (parts?.groups === undefined) return wrong('This is no address of a PostgreSQL.', `Write such as ${example}.`);
  const { account = '', hosts = '', database = '', query = '' } = parts.groups;
  const parameters = parametersOf(query);
  if (account.includes(':') || /[/#]/.test(account)) refusePassword();
  if (account === '') wrong('There is no role.', `Write it before an @, such as ${example}.`);
  if (database === '') wrong('There is no database.', `Write it after the hosts, such as ${example}.`);
  if (/[/#]/.test(database)) wrong('This is no name of a database.', 'Write a / or a # in a name as %2F and %23.');
  const mode = parameters.get('sslmode') ?? 'prefer';
  const tls = tlsModes.find((name) => name === mode);
  if (tls === undefined)
    return wrong(`There is no sslmode ${JSON.stringify(mode)}.`, `Write one of ${tlsModes.join(', ')}.`);
  const authorities = parameters.get('sslrootcert');
  return {
    hosts: hostsOf(hosts, parameters),
    user: decoded(account),
    database: decoded(database),
    tls,
    authorities: authorities === 'system' ? undefined : authorities,
    applicationName: parameters.get('application_name') ?? 'switchyard',
    connectTimeout: secondsOf(parameters.get('connect_timeout')) * 1000,
  };
}

function refusePassword(): never {
  return wrong(
    'A password stands in it, and a URL is shown.',
    'Take the password out, and write it into a file that "passwordFile" names.',
  );
}

function parametersOf(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const [name = '', ...rest] = pair.split('=');
    const value = decoded(rest.join('='));
    if (/^(?:ssl)?password$/.test(name)) refusePassword();
    if (!parameterNames.includes(name)) {
      wrong(`The parameter ${JSON.stringify(name)} is not known.`, `Write one of ${parameterNames.join(', ')}.`);
    }
    parameters.set(name, value);
  }
  const target = parameters.get('target_session_attrs') ?? 'read-write';
  if (target !== 'read-write' && target !== 'primary') {
    wrong('The router writes, so it needs a server that takes writes.', 'Leave target_session_attrs out.');
  }
  return parameters;
}

function hostsOf(written: string, parameters: ReadonlyMap<string, string>): DatabaseUrl['hosts'] {
  const named = written === '' ? (parameters.get('host') ?? '') : written;
  if (named === '') wrong('There is no host.', `Write such as ${example}, or ?host=/var/run/postgresql for a socket.`);
  if (written !== '' && parameters.has('host'))
    wrong('There are hosts in two places.', 'Leave out the parameter "host".');
  const ports = (parameters.get('port') ?? '').split(',').filter((port) => port !== '');
  return named.split(',').map((one, index) => {
    const found = /^(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d*))?$/.exec(one);
    const host = decoded(found?.groups?.['six'] ?? found?.groups?.['name'] ?? '');
    if (host === '' || /[\s@]/.test(host)) {
      wrong(`${JSON.stringify(one)} is no host.`, 'Write "host" or "host:port", an IPv6 address in brackets.');
    }
    const port = found?.groups?.['port'] ?? ports[ports.length === 1 ? 0 : index] ?? String(usual.port);
    if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
      wrong(`${JSON.stringify(port)} is no port.`, 'Write a number from 1 to 65535.');
    }
    return { host, port: Number(port) };
  });
}

function secondsOf(written: string | undefined): number {
  if (written === undefined) return usual.seconds;
  const seconds = /^\d+$/.test(written) ? Number(written) : 0;
  if (seconds >= 1 && seconds <= usual.longest) return seconds;
  return wrong('This connect_timeout is out of range.', `Write a whole number of seconds from 1 to ${usual.longest}.`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return wrong('There is a % in it that begins no code.', 'Write % as %25.');
  }
}
