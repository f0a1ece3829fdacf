import { type Client, DatabaseError, type QueryResultRow } from 'pg';
import { StoreError } from '../error.ts';
import { type Dialled, dial, Silence } from './dial.ts';
import { failureOf } from './failure.ts';
import { QueryError } from './query-error.ts';
import { type ConnectionSettings, type HostAddress, hostName, placeOf } from './settings.ts';
import { type Condition, conditionQuery, noHost, unsuitable } from './suitable.ts';

/** Milliseconds that a statement may take unless said. */
const usualLimit = 30_000;
/** Milliseconds that a host is waited for before the next is tried beside it: it may be on a machine that is gone. */
const headStart = 1_000;
/** Milliseconds that a connection may take to end in order. */
const endLimit = 1_000;

/** What a session is to those that ask the database: in the main thread and in the writer thread alike. */
export interface Session {
  /** Which of the hosts it is, for people. */
  readonly host: string;
  /**
   * Runs one statement, after those before it, and gives its rows; `bigint` comes as a number. An unnamed statement with
   * values (`$1`), so that it works behind PgBouncer in transaction mode. Rejects with a `QueryError`.
   * @param limit Milliseconds from sending it, after which the connection counts as lost; 30 000 unless said.
   */
  query<Row extends QueryResultRow>(text: string, values?: readonly unknown[], limit?: number): Promise<readonly Row[]>;
  /** Runs several statements without values, in one transaction unless they say otherwise. As `query`. */
  script(text: string, limit?: number): Promise<void>;
  /** Ends it; `onLost` is not called. Resolves within a second, also when the server is silent. */
  end(): Promise<void>;
}

/**
 * Connects to the first host that takes writes and is safe; a later one wins when an earlier takes long. Rejects with a `StoreError` (`unreachable`, `denied`,
 * `read-only`, `unsafe`) that says of each host why it is not used.
 * @param onLost Called once when the session ends without `end`, before the statement that runs is rejected.
 */
export async function openSession(
  settings: ConnectionSettings,
  onLost: (error: StoreError) => void = () => {},
): Promise<Session> {
  const attempts: Promise<Session | StoreError>[] = [];
  for (const address of settings.hosts) {
    attempts.push(openHost(address, settings, onLost));
    const last = attempts.length === settings.hosts.length;
    const session = await firstSession(attempts, last ? undefined : headStart);
    if (session === undefined) continue;
    for (const attempt of attempts) void endOther(attempt, session);
    return session;
  }
  const reasons = await Promise.all(attempts);
  throw noHost(
    reasons.filter((reason) => reason instanceof StoreError),
    placeOf(settings),
  );
}

/** The first that is there; `undefined` when all have failed, or after `limit` milliseconds. */
function firstSession(
  attempts: readonly Promise<Session | StoreError>[],
  limit: number | undefined,
): Promise<Session | undefined> {
  let left = attempts.length;
  return new Promise((resolve) => {
    const timer = limit === undefined ? undefined : setTimeout(() => resolve(undefined), limit);
    for (const attempt of attempts) {
      void attempt.then((found) => {
        left -= 1;
        if (found instanceof StoreError && left > 0) return;
        clearTimeout(timer);
        resolve(found instanceof StoreError ? undefined : found);
      });
    }
  });
}

async function endOther(attempt: Promise<Session | StoreError>, used: Session): Promise<void> {
  const found = await attempt;
  if (!(found instanceof StoreError) && found !== used) await found.end();
}

/** A session with one host, or why there is none. */
async function openHost(
  address: HostAddress,
  settings: ConnectionSettings,
  onLost: (error: StoreError) => void,
): Promise<Session | StoreError> {
  const host = hostName(address);
  let given = false;
  let session: Session | undefined;
  try {
    const lost = (error: StoreError) => {
      if (given) onLost(error);
    };
    session = new ClientSession(await dial(address, settings), host, placeOf(settings), lost);
    const [found] = await session.query<Condition>(conditionQuery, [], settings.connectTimeout);
    const reason = found === undefined ? undefined : unsuitable(found, host, settings);
    given = reason === undefined;
    if (reason === undefined) return session;
    await session.end();
    return reason;
  } catch (error) {
    await session?.end();
    const { kind, problem, advice } = failureOf(error, host);
    return new StoreError(kind, host, problem, advice);
  }
}

class ClientSession implements Session {
  readonly host: string;
  readonly #client: Client;
  readonly #socket: Dialled['socket'];
  readonly #place: string;
  readonly #onLost: (error: StoreError) => void;
  /** Settles when the statements so far have. */
  #last: Promise<unknown> = Promise.resolve();
  #lost: StoreError | undefined;
  #ending = false;
  #unreplicated = false;

  constructor({ client, socket }: Dialled, host: string, place: string, onLost: (error: StoreError) => void) {
    this.host = host;
    this.#client = client;
    this.#socket = socket;
    this.#place = place;
    this.#onLost = onLost;
    client.on('error', (error) => this.#lose(error));
    client.on('end', () => this.#lose(new Error('the server closed the connection')));
    client.on('notice', ({ routine }) => {
      // PostgreSQL confirms a commit that its standby does not have when the wait for it is cancelled; it only warns.
      if (routine === 'SyncRepWaitForLSN') this.#unreplicated = true;
    });
  }

  async query<Row extends QueryResultRow>(text: string, values: readonly unknown[] = [], limit = usualLimit) {
    return this.#inTurn(async () => (await this.#client.query<Row>(text, [...values])).rows, limit);
  }

  async script(text: string, limit = usualLimit): Promise<void> {
    await this.#inTurn(() => this.#client.query(text), limit);
  }

  async end(): Promise<void> {
    this.#ending = true;
    const timer = setTimeout(() => this.#socket.destroy(), endLimit);
    await this.#client.end();
    clearTimeout(timer);
    this.#socket.destroy();
  }

  /** One at a time; the limit begins with the turn. */
  #inTurn<Result>(run: () => Promise<Result>, limit: number): Promise<Result> {
    const turn = this.#last.then(() => this.#attempt(run, limit));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #attempt<Result>(run: () => Promise<Result>, limit: number): Promise<Result> {
    if (this.#lost !== undefined) throw new QueryError(this.#lost, 'failed');
    if (this.#ending) throw new QueryError(this.#closed(), 'failed');
    const timer = setTimeout(() => this.#drop(new Silence(limit)), limit);
    try {
      const result = await run();
      if (this.#unreplicated) throw new Error('the wait for the standby was cancelled');
      return result;
    } catch (error) {
      throw await this.#queryError(error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #queryError(error: unknown): Promise<QueryError> {
    const state = error instanceof DatabaseError ? error.code : undefined;
    const failure = this.#lost ?? failureOf(error, this.#place);
    // Values that cannot be sent were not sent.
    if (error instanceof TypeError) return new QueryError(failure, 'failed');
    if (error instanceof DatabaseError && (await this.#goesOn(error))) return new QueryError(failure, 'failed', state);
    this.#drop(failure);
    return new QueryError(failure, 'unknown', state);
  }

  /** Whether an error was that of the statement alone. The word for how grave it is may be in the server's language. */
  async #goesOn({ severity }: DatabaseError): Promise<boolean> {
    if (severity === 'ERROR') return true;
    try {
      await this.#client.query('select 1');
      return true;
    } catch {
      return false;
    }
  }

  #drop(error: Error): void {
    this.#lose(error);
    this.#socket.destroy(error);
  }

  #lose(error: Error): void {
    if (this.#lost !== undefined || this.#ending) return;
    this.#lost = failureOf(error, this.#place);
    this.#onLost(this.#lost);
  }

  #closed(): StoreError {
    return new StoreError('closed', this.#place, 'the session was ended.', 'Open another.');
  }
}
