import { StoreError } from '../error.ts';

/** A statement that did not succeed. */
export class QueryError extends StoreError {
  /** SQLSTATE, or `undefined` when the server did not answer. */
  readonly state: string | undefined;
  /**
   * `failed`: the statement did nothing, and the session goes on. `unknown`: the connection was lost before the answer, or
   * the server did not wait for its standby; what the statement wrote may be there, or not, or not on the standby yet. The
   * session has ended. Who asks a new session what became of it must write in that very statement (a row that changes,
   * say): a commit that is confirmed has what was committed before it on the standby too, and a mere read does not say so.
   */
  readonly outcome: 'failed' | 'unknown';

  constructor(cause: StoreError, outcome: 'failed' | 'unknown', state?: string) {
    super(cause.kind, cause.file, cause.problem, cause.advice);
    this.outcome = outcome;
    this.state = state;
  }
}
