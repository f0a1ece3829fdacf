import { StoreError } from '../error.ts';
import { failureOf } from '../postgres/failure.ts';
import { quoted } from '../postgres/quoted.ts';
import { migrateSchema, postgresMigrations, readSchema } from '../postgres/schema.ts';
import { openSession, type Session } from '../postgres/session.ts';
import { type ConnectionSettings, placeOf } from '../postgres/settings.ts';
import { type Mark, type MarkRow, markOf } from './mark.ts';
import { type Mover, MoverLease } from './mover-lease.ts';
import { pageCharacters, pageRows, readRow } from './row-values.ts';
import { hashOf, keyOfRow, type Row, rowName, type Shape, shapes, type Value } from './shapes.ts';
import type { Side } from './side.ts';

/** Milliseconds that the database may take for what reads or writes a whole table. */
const patience = 300_000;

/** How a database is opened that takes part in a move. */
export interface PostgresSideOptions {
  readonly settings: ConnectionSettings;
  /** Of the component. */
  readonly domain: string;
  readonly mover: Mover;
}

/** Opens the database that a store is to be moved away from. Rejects with a `StoreError`, `locked` when an instance is active. */
export function openPostgresSource(options: PostgresSideOptions): Promise<PostgresSide> {
  return open(options, (place) => {
    const advice = 'There is nothing to move before a router has run on it.';
    throw new StoreError('missing', place, 'the schema holds nothing of Switchyard.', advice);
  });
}

/** Opens the database that a store is to be moved to; its schema is made when it is missing. As `openPostgresSource`. */
export function openPostgresTarget(options: PostgresSideOptions): Promise<PostgresSide> {
  return open(options, () => {});
}

async function open(
  { settings, domain, mover }: PostgresSideOptions,
  whenNew: (place: string) => void,
): Promise<PostgresSide> {
  const migrations = postgresMigrations();
  const session = await openSession(settings);
  let lease: MoverLease | undefined;
  try {
    const found = await readSchema(session, settings, domain, migrations);
    if (found.domain === undefined) {
      whenNew(placeOf(settings));
      await migrateSchema(session, settings, domain, migrations);
    }
    lease = await MoverLease.claim(session, settings, mover, migrations.length);
    await migrateSchema(session, settings, domain, migrations);
    await refuseUnrouted(session, settings);
    return new PostgresSide(settings, session, lease, mover);
  } catch (error) {
    await lease?.release(session).catch(() => {});
    await session.end();
    throw failureOf(error, placeOf(settings));
  }
}

/** What an instance left to the one that follows is not of a store yet, and only a router can make it so. */
async function refuseUnrouted(session: Session, settings: ConnectionSettings): Promise<void> {
  const [found] = await session.query<{ left: number }>(
    `select count(*) as left from ${quoted(settings.schema)}.unrouted`,
  );
  if (found === undefined || found.left === 0) return;
  const problem = `it holds ${found.left} stanzas that an instance left to the one that follows.`;
  throw new StoreError('locked', placeOf(settings), problem, 'Start an instance, which works them off, and stop it.');
}

/** A schema of which the mover has the lease: with any other epoch nothing is written. */
export class PostgresSide implements Side {
  readonly place: string;
  readonly #session: Session;
  readonly #lease: MoverLease;
  readonly #schema: string;
  /** A row while the lease is had; nobody else gets it until the statement has ended. */
  readonly #fence: string;
  readonly #fenceValues: readonly [number, string];
  #closed = false;

  constructor(settings: ConnectionSettings, session: Session, lease: MoverLease, mover: Mover) {
    this.place = placeOf(settings);
    this.#session = session;
    this.#lease = lease;
    this.#schema = quoted(settings.schema);
    this.#fence = `select 1 from ${this.#schema}.lease where epoch = $1 and owner = $2 for key share`;
    this.#fenceValues = [lease.epoch, mover.id];
  }

  async mark(): Promise<Mark | undefined> {
    const [row] = await this.#session.query<MarkRow>(`select state, id, other, at from ${this.#schema}.move`);
    return row === undefined ? undefined : markOf(row, this.place);
  }

  async setMark({ state, id, other, at }: Mark): Promise<void> {
    const written = await this.#session.query(
      `with fence as materialized (${this.#fence})
       insert into ${this.#schema}.move as m (one, state, id, other, at) select 1, $3, $4, $5, $6::bigint from fence
       on conflict (one) do update set state = excluded.state, id = excluded.id, other = excluded.other, at = excluded.at
       returning one`,
      [...this.#fenceValues, state, id, other, at],
    );
    if (written.length === 0) throw this.#fenced();
  }

  async count(shape: Shape): Promise<number> {
    const rows = await this.#session.query<{ rows: number }>(
      `select count(*) as rows from ${this.#from(shape)} as t`,
      [],
      patience,
    );
    return rows[0]?.rows ?? 0;
  }

  async *pages(shape: Shape): AsyncGenerator<readonly Row[]> {
    const { letter, columns } = shape;
    let after: readonly (Value | Buffer)[] = startOf(shape);
    for (;;) {
      const found = await this.#session.query<Readonly<Record<string, unknown>>>(this.#page(shape), after, patience);
      const page = found.map((record) => {
        const values = columns.map(({ name }) => record[name]);
        const row = readRow(shape, values, this.place);
        if (letter !== undefined) this.#assertHash(shape, row, record['hash']);
        return row;
      });
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      after = letter === undefined ? keyOfRow(shape, last) : [hashOf(letter, keyOfRow(shape, last).map(String))];
    }
  }

  async begin(mark: Mark): Promise<void> {
    const tables = shapes.map(({ name }) => `${this.#schema}.${name}`).join(', ');
    await this.#session.script(
      "begin; set local lock_timeout = '30s'; set local idle_in_transaction_session_timeout = '30s'",
    );
    try {
      const fence = await this.#session.query(this.#fence, this.#fenceValues);
      if (fence.length === 0) throw this.#fenced();
      await this.#session.script(`truncate ${tables}`);
      await this.setMark(mark);
      await this.#session.script('commit');
    } catch (error) {
      await this.#session.script('rollback').catch(() => {});
      throw error;
    }
  }

  async write(shape: Shape, rows: readonly Row[]): Promise<void> {
    const table = `${this.#schema}.${shape.name}`;
    const more = [...(shape.letter === undefined ? [] : ['hash']), ...(shape.name === 'tally' ? ['number'] : [])];
    const names = [...shape.columns.map(({ name }) => name), ...more].map(quoted);
    const [written] = await this.#session.query<{ added: number }>(
      `with fence as materialized (${this.#fence}), added as (
         insert into ${table} (${names.join(', ')})
         select ${names.map((name) => `r.${name}`).join(', ')}
         from fence cross join json_populate_recordset(null::${table}, $3::json) as r
         returning 1
       ) select count(*) as added from added`,
      [...this.#fenceValues, JSON.stringify(rows.map((row) => recordOf(shape, row)))],
      patience,
    );
    if (written?.added !== rows.length) throw this.#fenced();
  }

  async settle(): Promise<void> {
    for (const { name } of shapes) await this.#session.script(`analyze ${this.#schema}.${name}`, patience);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // What cannot be given back runs out.
    await this.#lease.release(this.#session).catch(() => {});
    await this.#session.end();
  }

  /** Of a tally only the row that counts. */
  #from({ name }: Shape): string {
    const table = `${this.#schema}.${name}`;
    return name === 'tally' ? `(select distinct on (pool) * from ${table} order by pool, number desc)` : table;
  }

  /** Of large rows no more leave the database than fit into the page, but one. */
  #page(shape: Shape): string {
    const columns = shape.columns.map(({ name }) => quoted(name)).join(', ');
    const keys = (shape.letter === undefined ? shape.key : ['hash']).map(quoted).join(', ');
    const after = shape.letter === undefined ? shape.key.map((_, at) => `$${at + 1}`).join(', ') : '$1';
    const rest = `from ${this.#from(shape)} as t where (${keys}) > (${after}) order by ${keys} limit ${pageRows}`;
    if (shape.name !== 'delivery') return `select ${shape.letter === undefined ? '' : 'hash, '}${columns} ${rest}`;
    const size = 'octet_length(tail) + coalesce(octet_length(rest), 0) + coalesce(octet_length(history), 0)';
    return `select ${columns} from (
        select *, sum(${size}) over (order by id) - (${size}) as before from (select t.* ${rest}) as found
      ) as measured where before < ${pageCharacters} order by id`;
  }

  #assertHash(shape: Shape, row: Row, hash: unknown): void {
    const expected = hashOf(shape.letter ?? '', keyOfRow(shape, row).map(String));
    if (Buffer.isBuffer(hash) && hash.equals(expected)) return;
    const problem = `the row of ${shape.name} with ${rowName(shape, row)} stands under the key of another.`;
    throw new StoreError(
      'corrupt',
      this.place,
      problem,
      'Was the database edited by hand? Correct or delete that row.',
    );
  }

  #fenced(): StoreError {
    const advice = 'See who has the lease (table lease), stop it, and type the command again.';
    return new StoreError('fenced', this.place, 'another instance has taken the database meanwhile.', advice);
  }
}

/** What comes before every key. */
function startOf({ letter, key, columns }: Shape): readonly (Value | Buffer)[] {
  if (letter !== undefined) return [Buffer.alloc(0)];
  return key.map((name) => (columns.some((column) => column.name === name && column.kind === 'text') ? '' : -1));
}

/** A row as JSON that PostgreSQL reads as one of its table. */
function recordOf(shape: Shape, row: Row): Readonly<Record<string, Value | boolean>> {
  const record: Record<string, Value | boolean> = {};
  for (const [at, { name, kind }] of shape.columns.entries()) {
    const value = row[at] ?? null;
    if (kind === 'flag' && value !== null) record[name] = value !== 0;
    else record[name] = kind === 'bytes' && typeof value === 'string' ? `\\x${value}` : value;
  }
  if (shape.letter !== undefined)
    record['hash'] = `\\x${hashOf(shape.letter, keyOfRow(shape, row).map(String)).toString('hex')}`;
  if (shape.name === 'tally') record['number'] = 1;
  return record;
}
