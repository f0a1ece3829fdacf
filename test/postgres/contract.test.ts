import { type Fixture, storeContract } from '../store/contract.ts';
import { deliveryContract } from '../store/delivery-contract.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { skip } from '../support/skip.ts';
import { newDeployment } from './deployment.ts';

describe('PostgreSQL as a store', () => {
  let cluster: Postgres;

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    cluster = await startPostgres();
  });

  after(async () => {
    await cluster?.remove();
  });

  async function open(): Promise<Fixture> {
    const { database, epoch } = await newDeployment(cluster);
    const store = await database.openStore(epoch);
    const dispose = async (): Promise<void> => {
      await store.close();
      await database.close();
    };
    return { store, dispose };
  }

  for (const contract of [storeContract, deliveryContract]) contract('PostgreSQL through the writer thread', open);
});
