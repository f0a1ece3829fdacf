import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../free-ports.ts';
import { findProgram, giveTo, makeDaemon, makeFolder } from './daemon.ts';
import type { Postgres } from './postgres.ts';

const user = 'postgres';

/** Why PgBouncer cannot be started here, or `undefined`. */
export function pgbouncerMissing(): string | undefined {
  return findProgram('pgbouncer') === undefined ? 'PgBouncer is not installed' : undefined;
}

/** A pooler before a cluster. */
export interface Pgbouncer {
  readonly port: number;
  readonly logFile: string;
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

/**
 * Starts a PgBouncer of its own on a free port of 127.0.0.1, in transaction mode and as it comes: each transaction gets
 * any of `connections` connections to the cluster, which all sessions share.
 */
export async function startPgbouncer(cluster: Postgres, connections: number): Promise<Pgbouncer> {
  const folder = makeFolder('pgbouncer');
  const [port = 0] = await freePorts(1);
  const logFile = join(folder, 'pgbouncer.log');
  writeFileSync(join(folder, 'users.txt'), `"${user}" ""\n`);
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'trust',
    auth_file: join(folder, 'users.txt'),
    pool_mode: 'transaction',
    default_pool_size: connections,
    // By default it waits for 15 seconds before it asks a database again that did not answer.
    server_login_retry: 1,
    logfile: logFile,
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}`);
  const databases = ['[databases]', `* = host=127.0.0.1 port=${cluster.port}`, '[pgbouncer]'];
  writeFileSync(join(folder, 'pgbouncer.ini'), `${[...databases, ...lines].join('\n')}\n`);
  giveTo(user, folder);
  const daemon = makeDaemon({
    name: 'PgBouncer',
    command: findProgram('pgbouncer') ?? 'pgbouncer',
    args: ['-q', join(folder, 'pgbouncer.ini')],
    env: {},
    folder,
    user,
    ports: [port],
    logFile,
    stopSignal: 'SIGINT',
  });
  try {
    await daemon.start();
  } catch (error) {
    await daemon.remove();
    throw error;
  }
  return {
    port,
    logFile,
    async restart() {
      await daemon.kill9();
      await daemon.start();
    },
    remove: () => daemon.remove(),
  };
}
