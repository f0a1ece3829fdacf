import Database, { type Options, type Statement } from 'better-sqlite3';

/**
 * Connections and statements of this thread, held until it ends. In Node 24 (from 24.19 on, with
 * better-sqlite3 12) the process aborts when the garbage collector finds one: its destructor asks
 * for an environment that does not stand while garbage is collected. There are few of them, and
 * none is made again and again: what only sets something goes through `exec`, which makes none.
 */
const held: object[] = [];
const pragmas = new WeakMap<Database.Database, Map<string, Statement>>();

/** Opens a database. All connections are made here. */
export function connect(file: string, options: Options): Database.Database {
  return hold(new Database(file, options));
}

/** Keeps a statement from the garbage collector. All statements go through here. */
export function hold<Held extends object>(statement: Held): Held {
  held.push(statement);
  return statement;
}

/** The value of a pragma, or of the first row that it gives. `name` is one of a few, since each is remembered. */
export function readPragma(connection: Database.Database, name: string): unknown {
  const known = pragmas.get(connection) ?? new Map<string, Statement>();
  pragmas.set(connection, known);
  const statement = known.get(name) ?? hold(connection.prepare(`pragma ${name}`).pluck());
  known.set(name, statement);
  return statement.get();
}
