// Run as a process: opens and closes databases in this thread and in the writer's, and lets the
// garbage collector run in both. Prints `survived`.
import { examineStore } from '../../src/store/examine.ts';
import { openStore } from '../../src/store/open.ts';
import { putMember } from './samples.ts';

const [file = ''] = process.argv.slice(2);

for (let round = 0; round < 3; round += 1) {
  const store = await openStore({ driver: 'sqlite', file });
  for (let batch = 0; batch < 10; batch += 1) {
    for (let row = 0; row < 500; row += 1) store.commit(putMember(`worker-${row}-${'x'.repeat(200)}`));
    // What the writer reads of each batch is garbage there, and this is some here.
    await store.flush();
    Array.from({ length: 100_000 }, (_, number) => ({ number }));
  }
  await store.close();
  examineStore(file);
}
process.stdout.write('survived\n');
