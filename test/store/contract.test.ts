import { deepEqual, equal } from 'node:assert/strict';
import { join } from 'node:path';
import { MemoryBudget } from '../../src/core/memory/memory.ts';
import { costOf } from '../../src/store/cost.ts';
import { StoreError } from '../../src/store/error.ts';
import { openStore } from '../../src/store/open.ts';
import { type Fixture, storeContract } from './contract.ts';
import { deliveryContract } from './delivery-contract.ts';
import { putMember } from './samples.ts';
import { temporaryDirectory } from './temporary.ts';

async function inMemory(): Promise<Fixture> {
  const store = await openStore({ driver: 'memory' });
  return { store, dispose: () => store.close() };
}

async function inSqlite(): Promise<Fixture> {
  const directory = temporaryDirectory();
  const store = await openStore({ driver: 'sqlite', file: join(directory.path, 'switchyard.db') });
  const dispose = async (): Promise<void> => {
    await store.close();
    directory.remove();
  };
  return { store, dispose };
}

for (const contract of [storeContract, deliveryContract]) {
  contract('memory', inMemory);
  contract('SQLite through the writer thread', inSqlite);
}

describe('openStore', () => {
  it('has no more changes wait than fit into the memory it was given, whichever the driver', async () => {
    const directory = temporaryDirectory();
    try {
      const file = join(directory.path, 'switchyard.db');
      for (const options of [{ driver: 'memory' }, { driver: 'sqlite', file }] as const) {
        const changes = ['a', 'b', 'c'].map((name) => putMember(name));
        const memory = new MemoryBudget(2 * costOf(putMember('a')));
        const store = await openStore(options, memory);
        const results: string[] = [];
        for (const change of changes) {
          store.commit(change, (error) => results.push(error instanceof StoreError ? error.kind : 'stored'));
        }
        await store.flush();
        deepEqual(results, ['overflow', 'stored', 'stored'], options.driver);
        equal(memory.used, 0);
        await store.close();
      }
    } finally {
      directory.remove();
    }
  });
});
