import type { Database } from 'better-sqlite3';

/** Moves the write-ahead log into the database as far as its readers let it, so that the log can begin anew. */
export function checkpoint(connection: Database): void {
  try {
    connection.exec('pragma wal_checkpoint(passive)');
  } catch {
    // Nothing is lost: the log keeps what was committed, and the next time tries again.
  }
}
