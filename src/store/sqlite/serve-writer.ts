import type { MessagePort } from 'node:worker_threads';
import type { Change } from '../../core/durable-state.ts';
import { unpackChanges } from '../packed-changes.ts';
import { type Failure, type Hurry, type Reply, type Request, toFailure, toFailures } from '../thread/protocol.ts';
import { checkpoint } from './checkpoint.ts';
import { type DatabaseOptions, type OpenDatabase, openDatabase } from './database.ts';
import { failureOf } from './failure.ts';
import { prepareRows } from './rows.ts';
import { writeBatch } from './write-batch.ts';

/** Milliseconds without a request after which the write-ahead log is moved into the database. */
const idle = 250;

/** Opens the database, says so, and answers the requests that come by `port`. */
export function serveWriter(port: MessagePort, options: DatabaseOptions): void {
  let database: OpenDatabase;
  try {
    database = openDatabase(options);
    serve(port, database, options.file);
    reply(port, { kind: 'opened', last: 0 });
  } catch (error) {
    reply(port, { kind: 'failed', id: 0, failure: toFailure(failureOf(error, options.file)) });
  }
}

function serve(port: MessagePort, database: OpenDatabase, file: string): void {
  const { connection } = database;
  const rows = prepareRows(connection);
  const idleTimer = setTimeout(() => checkpoint(connection), idle);
  const write = (changes: readonly Change[], batch: number): Map<number, Failure> =>
    toFailures(writeBatch(connection, rows, changes, batch));
  port.on('message', (request: Request | Hurry) => {
    // A file is never away.
    if (request.kind === 'hurry') return;
    const { id } = request;
    try {
      if (request.kind === 'write')
        reply(port, { kind: 'written', id, refused: write(unpackChanges(request.changes), request.batch) });
      else if (request.kind === 'load') reply(port, { kind: 'loaded', id, snapshot: rows.load() });
      else if (request.kind === 'was-last')
        reply(port, { kind: 'was-last', id, written: rows.wasLast(request.batch), refused: new Map() });
      else if (request.kind === 'read') reply(port, { kind: 'read', id, rows: rows.read(request.query) });
      else {
        database.close();
        reply(port, { kind: 'closed', id });
      }
    } catch (error) {
      reply(port, { kind: 'failed', id, failure: toFailure(failureOf(error, file)) });
    }
    idleTimer.refresh();
    if (request.kind !== 'close') return;
    clearTimeout(idleTimer);
    port.close();
  });
}

function reply(port: MessagePort, message: Reply): void {
  port.postMessage(message);
}
