import type { QueueQuery, QueueRows } from '../../src/core/delivery-state.ts';
import type { Snapshot } from '../../src/core/durable-state.ts';
import type { ChangeList } from '../../src/store/change-list.ts';
import type { BatchReport, BatchWriter } from '../../src/store/journal.ts';
import { SteadyWriter } from '../../src/store/postgres/steady-writer.ts';
import type { Deployment } from './deployment.ts';

/** One that is open. */
export async function openDirect(deployment: Pick<Deployment, 'settings' | 'epoch' | 'target'>): Promise<DirectWriter> {
  const writer = new DirectWriter(deployment);
  await writer.open();
  return writer;
}

/** Writes the same batches as the writer thread, where they are made. */
class DirectWriter implements BatchWriter {
  readonly file: string;
  down: BatchWriter['down'] = undefined;
  readonly restarts = 0;
  readonly #writer: SteadyWriter;
  #last = 0;

  constructor(deployment: Pick<Deployment, 'settings' | 'epoch' | 'target'>) {
    this.file = deployment.target.place;
    this.#writer = new SteadyWriter(deployment, {
      down: (reason) => {
        this.down = reason;
      },
      up: () => {
        this.down = undefined;
      },
    });
  }

  async open(): Promise<void> {
    this.#last = await this.#writer.open();
  }

  write(changes: ChangeList): Promise<BatchReport> {
    this.#last += 1;
    return this.#writer.write(changes.list(), this.#last);
  }

  load(): Promise<Snapshot> {
    return this.#writer.load();
  }

  read(query: QueueQuery): Promise<QueueRows> {
    return this.#writer.read(query);
  }

  hurry(): void {
    this.#writer.hurry();
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}
