import type { Database } from 'better-sqlite3';
import { readPragma } from './connection.ts';

/** Bytes for which there must be room. */
const wanted = 65_536;

/**
 * Throws the error of SQLite unless the database takes a write, and has room for a message. Takes
 * the room, and gives it back by a second write: what is freed by the write that takes it never
 * reaches the disk. A row that a crash leaves in between is of no pool, and the next trial takes its place.
 */
export function tryDisk(database: Database): void {
  database.exec(`insert or replace into duplicate (pool, id, key) values ('', 0, zeroblob(${wanted}))`);
  database.exec("delete from duplicate where pool = '' and id = 0");
  // It has no other use here, and shows that a trial was made.
  const version = Number(readPragma(database, 'user_version'));
  database.exec(`pragma user_version = ${(version + 1) % 1_000_000}`);
}
