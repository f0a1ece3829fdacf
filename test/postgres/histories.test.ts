import { Journal } from '../../src/store/journal.ts';
import type { Subject } from '../store/delivery-commands.ts';
import { historyTime, holdsAnyHistory } from '../store/delivery-history.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { skip } from '../support/skip.ts';
import { type Deployment, newDeployment } from './deployment.ts';
import { openDirect } from './direct-writer.ts';

describe('PostgreSQL: any history of deliveries', () => {
  let cluster: Postgres;

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    cluster = await startPostgres();
  });

  after(async () => {
    await cluster?.remove();
  });

  it('means what the model says, also after the store was closed and opened again', async function () {
    this.timeout(historyTime);
    await holdsAnyHistory(20, async () => openSubject(await newDeployment(cluster)));
  });
});

/** Without the thread, which the contract goes through: it would start hundreds of times. */
async function openSubject(deployment: Deployment): Promise<Subject> {
  const open = async (): Promise<Journal> => new Journal(await openDirect(deployment));
  const subject: Subject = {
    store: await open(),
    reopen: async () => {
      await subject.store.close();
      subject.store = await open();
    },
  };
  await deployment.close();
  return subject;
}
