import { execFile } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePorts } from '../free-ports.ts';
import { giveTo, makeDaemon, makeFolder, underAccount } from './daemon.ts';

const execute = promisify(execFile);

/** The account of the system, and the superuser of every cluster. */
const user = 'postgres';
/** Milliseconds that a cluster may take until it answers, and until a standby has all of its primary. */
const readyLimit = 45_000;

/** Where Debian keeps the programs of the newest version that serves; `undefined` when there is none. */
function programFolder(): string | undefined {
  const folder = '/usr/lib/postgresql';
  const versions = existsSync(folder) ? readdirSync(folder).map(Number) : [];
  const newest = Math.max(0, ...versions.filter((version) => version >= 15));
  return newest === 0 ? undefined : join(folder, String(newest), 'bin');
}

/** Why PostgreSQL cannot be started here, or `undefined`. */
export function postgresMissing(): string | undefined {
  return programFolder() === undefined ? 'PostgreSQL 15 or newer is not installed' : undefined;
}

/** What a cluster of tests is. */
export interface PostgresOptions {
  /** Lines of postgresql.conf besides the rig's own; `fsync` and all that makes it safe is as PostgreSQL has it. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How roles prove over TCP who they are: not at all (the default), or by password. */
  readonly login?: 'trust' | 'scram-sha-256';
  /** PEM of a certificate and its key: connections over TCP may use TLS then. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** A running cluster to follow by streaming replication: this one is read-only until `promote`. */
  readonly follows?: Postgres;
  /** An empty folder for the log of what is written (`pg_wal`): a disk of its own. */
  readonly logFolder?: string;
}

/** A throwaway cluster on 127.0.0.1, which ends with the tests, however they end. */
export interface Postgres {
  readonly port: number;
  /** Holds `data/`, the socket, and `output.log`, which is the server's log. */
  readonly folder: string;
  readonly logFile: string;
  /** Of the postmaster; undefined while it is not running. */
  readonly pid: number | undefined;
  /** Of the superuser, or of another role; the database `postgres` unless said. */
  url(database?: string, role?: string): string;
  /** Runs one statement as superuser, over the socket, and gives its rows. */
  sql(text: string, database?: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** A role that may log in. */
  createRole(name: string, password?: string): Promise<void>;
  createDatabase(name: string, owner?: string): Promise<void>;
  /** Sets what postgresql.conf sets, and reloads it; some settings want `restart` besides. */
  set(settings: Readonly<Record<string, string>>): Promise<void>;
  /** Makes a standby take writes. */
  promote(): Promise<void>;
  /** After `stop` or `kill9`: on the same port, with the same data; settles when it answers. */
  start(): Promise<void>;
  /** Ends every session and the cluster in order (SIGINT). */
  stop(): Promise<void>;
  restart(): Promise<void>;
  /** SIGKILL to all of it, as a crash of the machine would, save that the disk keeps what was written. */
  kill9(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

/** Processes whose parent this is; each session of a cluster has one. */
function childrenOf(pid: number): number[] {
  const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return listed === '' ? [] : listed.split(' ').map(Number);
}

/** Kills a process that is not a child of the tests, and waits until it is no more than an entry. */
async function endAtOnce(pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGKILL');
    while (!/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) await sleep(5);
  } catch {
    // It has ended.
  }
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function name(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}

function run(program: string, ...words: readonly string[]): Promise<unknown> {
  return execute('setpriv', [...underAccount(user), join(programFolder() ?? '', program), ...words]);
}

/** The data of an empty cluster: made once, as that takes seconds of the processor, and copied from then on. */
let empty: Promise<string> | undefined;

async function makeEmpty(): Promise<string> {
  const folder = makeFolder('postgres-empty');
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  giveTo(user, folder);
  const data = join(folder, 'data');
  // Without syncing: the tests kill processes, never the machine.
  const rest = ['--encoding=UTF8', '--locale=C.UTF-8', '--no-sync', '--no-instructions'];
  await run('initdb', '--pgdata', data, '--username', user, '--auth=trust', ...rest);
  return data;
}

/** Puts the log of what is written into another folder, as `initdb --waldir` does. */
async function moveLog(data: string, folder: string): Promise<void> {
  const log = join(data, 'pg_wal');
  await execute('cp', ['--archive', `${log}/.`, folder]);
  rmSync(log, { recursive: true });
  symlinkSync(folder, log);
  giveTo(user, folder);
}

/** Makes the data folder: an empty cluster, or a copy of the one that is followed. */
async function makeData(data: string, { follows }: PostgresOptions): Promise<void> {
  if (follows === undefined) {
    empty ??= makeEmpty();
    await execute('cp', ['--archive', await empty, data]);
    return;
  }
  const from = ['--host', follows.folder, '--port', String(follows.port), '--username', user];
  await run('pg_basebackup', '--pgdata', data, ...from, '--write-recovery-conf', '--checkpoint=fast', '--no-sync');
}

function configure(folder: string, port: number, options: PostgresOptions): void {
  const data = join(folder, 'data');
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: folder,
    shared_buffers: '32MB',
    max_connections: '60',
    timezone: 'UTC',
    ...(options.tls === undefined ? {} : { ssl: 'on', ssl_cert_file: 'test.crt', ssl_key_file: 'test.key' }),
    ...options.settings,
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${quoted(value)}\n`);
  appendFileSync(join(data, 'postgresql.conf'), lines.join(''));
  const login = options.login ?? 'trust';
  const rules = ['local all all trust', 'local replication all trust', 'host replication all 127.0.0.1/32 trust'];
  writeFileSync(join(data, 'pg_hba.conf'), [...rules, `host all all 127.0.0.1/32 ${login}`, ''].join('\n'));
  if (options.tls === undefined) return;
  writeFileSync(join(data, 'test.crt'), options.tls.certificate);
  writeFileSync(join(data, 'test.key'), options.tls.key);
  chmodSync(join(data, 'test.key'), 0o600);
}

/** Starts a cluster of its own in a temporary folder, on a free port of 127.0.0.1 and a socket in that folder. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const folder = makeFolder('postgres');
  const [port = 0] = await freePorts(1);
  const data = join(folder, 'data');
  const logFile = join(folder, 'output.log');
  const daemon = makeDaemon({
    name: 'PostgreSQL',
    command: join(programFolder() ?? '', 'postgres'),
    args: ['-D', data],
    env: {},
    folder,
    user,
    ports: [port],
    logFile,
    stopSignal: 'SIGINT',
  });

  async function sql(text: string, database = 'postgres'): Promise<Readonly<Record<string, unknown>>[]> {
    const client = new Client({ host: folder, port, user, database });
    // What ends the connection is told by the query.
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** Its port is open before it takes queries: it may have a log of writes to work off. */
  async function answering(wanted: string): Promise<void> {
    for (const deadline = Date.now() + readyLimit; ; await sleep(20)) {
      try {
        if ((await sql(`select (${wanted}) as reached`))[0]?.['reached'] === true) return;
        if (Date.now() > deadline) throw new Error(`It answered, but never ${wanted}.`);
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
    }
  }

  async function start(): Promise<void> {
    await daemon.start();
    await answering('true');
  }

  try {
    giveTo(user, folder);
    await makeData(data, options);
    if (options.logFolder !== undefined) await moveLog(data, options.logFolder);
    configure(folder, port, options);
    giveTo(user, folder);
    await start();
  } catch (error) {
    await daemon.remove();
    throw error;
  }
  return {
    port,
    folder,
    logFile,
    get pid() {
      return daemon.pid;
    },
    url: (database = 'postgres', role = user) => `postgresql://${role}@127.0.0.1:${port}/${database}`,
    sql,
    async createRole(role, password) {
      await sql(`create role ${name(role)} login${password === undefined ? '' : ` password ${quoted(password)}`}`);
    },
    async createDatabase(database, owner = user) {
      await sql(`create database ${name(database)} owner ${name(owner)}`);
    },
    async set(settings) {
      for (const [key, value] of Object.entries(settings)) await sql(`alter system set ${key} = ${quoted(value)}`);
      await sql('select pg_reload_conf()');
    },
    async promote() {
      await sql('select pg_promote()');
      await answering('not pg_is_in_recovery()');
    },
    start,
    stop: () => daemon.stop(),
    async restart() {
      await daemon.stop();
      await start();
    },
    async kill9() {
      // Left alone, sessions end what they do after the death of their parent.
      const sessions = daemon.pid === undefined ? [] : childrenOf(daemon.pid);
      await daemon.kill9();
      await Promise.all(sessions.map(endAtOnce));
    },
    remove: () => daemon.remove(),
  };
}
