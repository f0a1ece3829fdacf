import { join } from 'node:path';
import { openStore } from '../../src/store/open.ts';
import { storeContract } from './contract.ts';
import { temporaryDirectory } from './temporary.ts';

storeContract('memory', async () => {
  const store = await openStore({ driver: 'memory' });
  return { store, dispose: () => store.close() };
});

storeContract('SQLite through the writer thread', async () => {
  const directory = temporaryDirectory();
  const store = await openStore({ driver: 'sqlite', file: join(directory.path, 'switchyard.db') });
  const dispose = async (): Promise<void> => {
    await store.close();
    directory.remove();
  };
  return { store, dispose };
});
