import type { Database } from 'better-sqlite3';
import { type Mark, type MarkRow, markOf } from '../moves/mark.ts';
import { hold } from './connection.ts';

/** What a database says of a move; `undefined` when it says nothing, or is of a version that knew none. */
export function readMark(database: Database): Mark | undefined {
  const known = hold(database.prepare("select 1 from sqlite_schema where type = 'table' and name = 'move'")).get();
  if (known === undefined) return undefined;
  const row = hold(database.prepare<[], MarkRow>('select state, id, other, at from move')).get();
  return row === undefined ? undefined : markOf(row, database.name);
}

/** Writes the mark in a transaction of its own, or in the caller's. */
export function writeMark(database: Database, mark: Mark): void {
  const sql = 'insert or replace into move (one, state, id, other, at) values (1, :state, :id, :other, :at)';
  hold(database.prepare(sql)).run(mark);
}
