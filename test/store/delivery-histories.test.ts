import { join } from 'node:path';
import fc from 'fast-check';
import { Journal } from '../../src/store/journal.ts';
import { openStore } from '../../src/store/open.ts';
import { anyHistory, type Subject } from './delivery-commands.ts';
import { DeliveryModel } from './delivery-model.ts';
import { DirectWriter } from './direct-writer.ts';
import { temporaryDirectory } from './temporary.ts';

describe('store: any history of deliveries', () => {
  it('means in memory what the model says', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async (commands) => {
        const store = await openStore({ driver: 'memory' });
        // What is in memory ends with its store.
        const subject: Subject = { store, reopen: () => store.flush() };
        await fc.asyncModelRun(() => ({ model: new DeliveryModel(), real: subject }), commands);
      }),
      { numRuns: 100 },
    );
  });

  it('means in SQLite what the model says, also after it was closed and opened again', async function () {
    this.timeout(120_000);
    const directory = temporaryDirectory();
    let runs = 0;
    try {
      await fc.assert(
        fc.asyncProperty(anyHistory, async (commands) => {
          runs += 1;
          const subject = openSubject(join(directory.path, `${runs}.db`));
          try {
            await fc.asyncModelRun(() => ({ model: new DeliveryModel(), real: subject }), commands);
          } finally {
            await subject.store.close();
          }
        }),
        { numRuns: 20, endOnFailure: true },
      );
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
