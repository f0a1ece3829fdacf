import type { StoredPool } from '../../core/durable-state.ts';
import { StoreError } from '../error.ts';
import type { HeldQueue, StoreFinding } from '../examine.ts';
import { refuseMoved } from '../moves/mark.ts';
import type { Fingerprint, LeaseView } from '../shared.ts';
import { madeOf } from '../stored-rows.ts';
import { failureOf } from './failure.ts';
import { leaseOf } from './lease-row.ts';
import { quoted } from './quoted.ts';
import { postgresMigrations, readSchema } from './schema.ts';
import { openSession, type Session } from './session.ts';
import { type ConnectionSettings, hostName, placeOf } from './settings.ts';

/** Milliseconds that counting a long queue may take. */
const countLimit = 120_000;

/** What `examinePostgres` found; `in-use` when an instance is active. */
export interface PostgresFinding extends StoreFinding {
  readonly place: string;
  /** The host that takes writes. */
  readonly host: string;
  /** The server's version, for people. */
  readonly version: string;
  /** Migrations that the schema lacks; all of them when there is no schema yet. */
  readonly pending: number;
  /** Who is active, and who stands by; `undefined` when there is no schema yet. */
  readonly lease: LeaseView | undefined;
  /** What instances said that they are configured to do, by their ids. */
  readonly configurations: ReadonlyMap<string, Fingerprint['sections']>;
  /** Why other hosts could not take over now; a standby could. */
  readonly unusable: readonly StoreError[];
}

/**
 * Looks at a database, and changes nothing in it. Rejects with the `StoreError` that using it would meet, also for want of the
 * right to make what is missing.
 * @param domain Of the component.
 */
export async function examinePostgres(settings: ConnectionSettings, domain: string): Promise<PostgresFinding> {
  const place = placeOf(settings);
  const session = await openSession(settings);
  try {
    const { domain: holder, pending, mark } = await readSchema(session, settings, domain, postgresMigrations());
    refuseMoved(mark, place);
    const empty = holder === undefined;
    if (empty) await assertMayMake(session, settings);
    const lease = empty ? undefined : await leaseOf(session, settings);
    const active = lease !== undefined && lease.until > lease.now;
    return {
      state: empty ? 'missing' : active ? 'in-use' : 'good',
      // Tables that an older version does not have are not looked for.
      ...(pending.length === 0
        ? { ...(await heldIn(session, settings)), configurations: await configurationsIn(session, settings) }
        : { queues: [], made: [], configurations: new Map() }),
      place,
      host: session.host,
      version: await versionOf(session),
      pending: pending.length,
      lease,
      unusable: await unusableOf(settings, session.host),
    };
  } catch (error) {
    throw failureOf(error, place);
  } finally {
    await session.end();
  }
}

async function heldIn(session: Session, settings: ConnectionSettings): Promise<Pick<StoreFinding, 'queues' | 'made'>> {
  const schema = quoted(settings.schema);
  const queues = await session.query<HeldQueue>(
    `select pool, count(*) filter (where state < 2) as open, count(*) filter (where state = 2) as dead
       from ${schema}.delivery group by pool order by pool`,
    [],
    countLimit,
  );
  const made = await session.query<StoredPool>(
    `select name as pool, settings, made_by as "by", made_at as at from ${schema}.made_pool order by made_at, name`,
  );
  return { queues, made: made.map((row) => madeOf(row, placeOf(settings))) };
}

async function configurationsIn(
  session: Session,
  { schema }: ConnectionSettings,
): Promise<ReadonlyMap<string, Fingerprint['sections']>> {
  const rows = await session.query<{ id: string } & Pick<Fingerprint, 'sections'>>(
    `select id, sections from ${quoted(schema)}.configuration`,
  );
  return new Map(rows.map(({ id, sections }) => [id, sections]));
}

async function versionOf(session: Session): Promise<string> {
  const [found] = await session.query<{ version: string }>(
    "select split_part(current_setting('server_version'), ' ', 1) as version",
  );
  return found?.version ?? 'unknown';
}

/** Throws unless the role may make the tables, and the schema when that is missing too. */
async function assertMayMake(session: Session, settings: ConnectionSettings): Promise<void> {
  const [found] = await session.query<{ there: boolean; may: boolean }>(
    `select n.oid is not null as there, coalesce(
         has_schema_privilege(n.oid, 'CREATE'), has_database_privilege(current_database(), 'CREATE')
       ) as may
       from (select) as one left join pg_catalog.pg_namespace n on n.nspname = $1`,
    [settings.schema],
  );
  if (found?.may !== false) return;
  const what = found.there ? 'tables in the schema' : 'the schema';
  const advice = `As an administrator of the database: create schema if not exists ${quoted(settings.schema)}; alter schema ${quoted(settings.schema)} owner to ${quoted(settings.user)};`;
  throw new StoreError('denied', placeOf(settings), `the role ${settings.user} may not make ${what}.`, advice);
}

/** Looks at each of the other hosts by itself. */
async function unusableOf(settings: ConnectionSettings, used: string): Promise<StoreError[]> {
  const others = settings.hosts.filter((address) => hostName(address) !== used);
  const reasons = await Promise.all(others.map(async (address) => reasonOf({ ...settings, hosts: [address] })));
  return reasons.filter((reason) => reason !== undefined);
}

async function reasonOf(settings: ConnectionSettings): Promise<StoreError | undefined> {
  try {
    await (await openSession(settings)).end();
    return undefined;
  } catch (error) {
    const { kind, problem, advice } = failureOf(error, '');
    const name = settings.hosts.map(hostName).join(',');
    // A standby takes no writes as long as it is one.
    return kind === 'read-only' ? undefined : new StoreError(kind, name, problem, advice);
  }
}
