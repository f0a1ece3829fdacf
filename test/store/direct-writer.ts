import type { QueueQuery, QueueRows } from '../../src/core/delivery-state.ts';
import type { Snapshot } from '../../src/core/durable-state.ts';
import type { ChangeList } from '../../src/store/change-list.ts';
import type { BatchReport, BatchWriter } from '../../src/store/journal.ts';
import { type OpenDatabase, openDatabase } from '../../src/store/sqlite/database.ts';
import { prepareRows, type Rows } from '../../src/store/sqlite/rows.ts';
import { writeBatch } from '../../src/store/sqlite/write-batch.ts';

/** Writes the same batches as the writer thread, where they are made. */
export class DirectWriter implements BatchWriter {
  readonly file: string;
  readonly down = undefined;
  readonly restarts = 0;
  readonly #database: OpenDatabase;
  readonly #rows: Rows;

  constructor(file: string) {
    this.file = file;
    this.#database = openDatabase({ file, busyTimeout: 5000, maxBytes: undefined });
    this.#rows = prepareRows(this.#database.connection);
  }

  async write(changes: ChangeList): Promise<BatchReport> {
    return { refused: writeBatch(this.#database.connection, this.#rows, changes.list(), 0) };
  }

  async load(): Promise<Snapshot> {
    return this.#rows.load();
  }

  async read(query: QueueQuery): Promise<QueueRows> {
    return this.#rows.read(query);
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}
