import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { Client, type ClientConfig, types } from 'pg';
import { StoreError } from '../error.ts';
import { type ConnectionSettings, type HostAddress, placeOf } from './settings.ts';

/** Milliseconds of silence after which the system asks the other side whether it is there. */
const keepalive = 10_000;

/**
 * What the server itself puts an end to, in milliseconds: a statement that runs away, one that waits for another's lock, a
 * transaction whose client is frozen.
 */
const serverLimits = {
  statement_timeout: 300_000,
  lock_timeout: 20_000,
  idle_in_transaction_session_timeout: 30_000,
};

/** A client that has logged in, and its socket, which ends it at once when it is destroyed. */
export interface Dialled {
  readonly client: Client;
  readonly socket: Socket;
}

/**
 * Connects to one host and logs in. Rejects with what PostgreSQL, the system or TLS says, within `connectTimeout`.
 * PgBouncer refuses limits of a session, as sessions are not its clients' own: there is one more attempt without.
 */
export async function dial(address: HostAddress, settings: ConnectionSettings): Promise<Dialled> {
  const ssl = tlsOptions(address, settings);
  const fallbacks: ClientConfig[] = [{ ssl, ...serverLimits }];
  for (;;) {
    const attempt = fallbacks.shift() ?? { ssl };
    try {
      return await connect(address, settings, attempt);
    } catch (error) {
      const text = error instanceof Error ? error.message : '';
      const withoutTls = settings.tls === 'prefer' && attempt.ssl !== false && text.includes('not support SSL');
      const withoutLimits = 'lock_timeout' in attempt && text.includes('unsupported startup parameter');
      if (withoutTls) fallbacks.push({ ...attempt, ssl: false });
      else if (withoutLimits) fallbacks.push({ ssl: attempt.ssl });
      else throw error;
    }
  }
}

async function connect(address: HostAddress, settings: ConnectionSettings, more: ClientConfig): Promise<Dialled> {
  const socket = new Socket();
  const { user, database, applicationName, connectTimeout } = settings;
  const client = new Client({
    ...address,
    user,
    database,
    application_name: applicationName,
    // As a function: else the client would look for a password in the environment and in files.
    password: () => passwordOf(settings),
    stream: () => socket,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepalive,
    ...more,
  });
  client.setTypeParser(types.builtins.INT8, Number);
  // Also told by the promises; without a listener it would end the process.
  client.on('error', () => {});
  const timer = setTimeout(() => socket.destroy(new Silence(connectTimeout)), connectTimeout);
  try {
    await client.connect();
    return { client, socket };
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A server that took too long. */
export class Silence extends Error {
  readonly code = 'ETIMEDOUT';

  /** @param limit Milliseconds. */
  constructor(limit: number) {
    super(`no answer for ${String(limit / 1000)} s`);
  }
}

function passwordOf(settings: ConnectionSettings): string {
  if (settings.password !== undefined) return settings.password;
  const advice = 'Write store.passwordFile, or let pg_hba.conf admit the role without one.';
  throw new StoreError('denied', placeOf(settings), 'the server asks for a password, and none is configured.', advice);
}

/** What the modes of libpq are for Node.js; a Unix socket needs none. */
function tlsOptions({ host }: HostAddress, settings: ConnectionSettings): ConnectionOptions | false {
  const { tls, authorities } = settings;
  if (tls === 'disable' || host.startsWith('/')) return false;
  const ca = authorities === undefined ? {} : { ca: readAuthorities(authorities, settings) };
  if (tls === 'verify-full') return ca;
  // As libpq: who names the authorities wants the certificate checked.
  if (tls === 'verify-ca' || (tls === 'require' && authorities !== undefined)) {
    return { ...ca, checkServerIdentity: () => undefined };
  }
  return { rejectUnauthorized: false };
}

function readAuthorities(file: string, settings: ConnectionSettings): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    const problem = `the file that sslrootcert names cannot be read (${cause}).`;
    throw new StoreError('unreachable', placeOf(settings), problem, 'Name a file of certificates in PEM.');
  }
}
