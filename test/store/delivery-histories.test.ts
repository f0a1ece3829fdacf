import { join } from 'node:path';
import { Journal } from '../../src/store/journal.ts';
import { openStore } from '../../src/store/open.ts';
import type { Subject } from './delivery-commands.ts';
import { historyTime, holdsAnyHistory } from './delivery-history.ts';
import { DirectWriter } from './direct-writer.ts';
import { temporaryDirectory } from './temporary.ts';

describe('store: any history of deliveries', () => {
  it('means in memory what the model says', async () => {
    await holdsAnyHistory(100, async () => {
      const store = await openStore({ driver: 'memory' });
      // What is in memory ends with its store.
      return { store, reopen: () => store.flush() };
    });
  });

  it('means in SQLite what the model says, also after it was closed and opened again', async function () {
    this.timeout(historyTime);
    const directory = temporaryDirectory();
    let runs = 0;
    try {
      await holdsAnyHistory(20, async () => {
        runs += 1;
        return openSubject(join(directory.path, `${runs}.db`));
      });
    } finally {
      directory.remove();
    }
  });
});

/** Without the thread, which the contract goes through: it would start hundreds of times. */
function openSubject(file: string): Subject {
  const subject: Subject = {
    store: new Journal(new DirectWriter(file)),
    reopen: async () => {
      await subject.store.close();
      subject.store = new Journal(new DirectWriter(file));
    },
  };
  return subject;
}
