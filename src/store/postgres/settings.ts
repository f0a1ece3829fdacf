/** One place where the database may be. */
export interface HostAddress {
  /** Name or address; one that begins with `/` is the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
}

/** How connections are encrypted, and whether the server must prove who it is: `sslmode` of libpq, with its meanings. */
export type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** How the database is reached. Plain data: it is given to the writer thread as it is. */
export interface ConnectionSettings {
  /** Tried in this order; the first that takes writes is used. */
  readonly hosts: readonly HostAddress[];
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  readonly schema: string;
  readonly tls: TlsMode;
  /** Path of a file of certificates in PEM, which alone may vouch for the server; those of Node.js when `undefined`. */
  readonly authorities: string | undefined;
  /** What the server shows of our sessions. */
  readonly applicationName: string;
  /** Milliseconds that one host may take until a session with it is usable. */
  readonly connectTimeout: number;
  /** Whether a server that may lose what it has confirmed is used all the same. */
  readonly allowUnsafe: boolean;
}

/** The port that is not written. */
const usualPort = 5432;

/** A host for people. */
export function hostName({ host, port }: HostAddress): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === usualPort ? name : `${name}:${String(port)}`;
}

/** Where the database is, for people; without the password, and without the account. */
export function placeOf({ hosts, database, schema }: ConnectionSettings): string {
  return `postgresql://${hosts.map(hostName).join(',')}/${database} (schema ${schema})`;
}
