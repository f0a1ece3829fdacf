import { deepEqual, ok, rejects } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConnectionSettings } from '../../src/store/postgres/settings.ts';
import { accept, conversation, leased, putMember } from '../store/samples.ts';
import { temporaryDirectory } from '../store/temporary.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { settingsFor } from '../support/servers/postgres-settings.ts';
import { skip } from '../support/skip.ts';
import { back, contentOf, inFile, inSchema, there, withFile } from './moving.ts';

const script = fileURLToPath(new URL('./mover.ts', import.meta.url));

/** Where the mover is killed: in the middle of the rows too. */
const steps = ['rows copied', 'rows checked', 'checked', 'left'] as const;

describe('switchyard migrate --to: kill -9', () => {
  let cluster: Postgres;
  let directory: ReturnType<typeof temporaryDirectory>;

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    directory = temporaryDirectory();
    cluster = await startPostgres();
  });

  after(async () => {
    directory?.remove();
    await cluster?.remove();
  });

  async function killedAt(step: string, direction: string, file: string, settings: ConnectionSettings): Promise<void> {
    const words = ['--import=tsx', script, direction, file, JSON.stringify(settings), step];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const closed = once(child, 'close');
    const said = await Promise.race([once(child.stdout, 'data'), closed]);
    ok(Buffer.isBuffer(said[0]), `the mover ended before it was there: ${String(said[0])}`);
    child.kill('SIGKILL');
    await closed;
  }

  async function filled(name: string) {
    const file = join(directory.path, `${name}.db`);
    const settings = settingsFor([cluster], { schema: name });
    await withFile(file, async (store) => {
      store.commit(putMember('ada'));
      store.commit(conversation('zoë@example.org/😀', 5));
      store.commit(accept(1, leased, 'ab'.repeat(16)));
      for (let id = 2; id < 1500; id += 1) store.commit(accept(id));
      store.commit({ op: 'ack', pool: 'jobs', id: 7 });
      await store.flush();
    });
    return { file, settings };
  }

  for (const [index, step] of steps.entries()) {
    it(`when it is killed (${step}), one store is whole, the other is refused, and the next try ends it`, async function () {
      this.timeout(60_000);
      const { file, settings } = await filled(`killed${index}`);
      let before = await inFile(file);
      await killedAt(step, 'there', file, settings);
      if (step === 'left') await rejects(async () => inFile(file), { kind: 'moved' });
      else {
        deepEqual(await inFile(file), before, 'the source is the store still');
        // A router may run on it meanwhile.
        before = await withFile(file, async (store) => {
          for (const id of [3, 1400]) store.commit({ op: 'ack', pool: 'jobs', id });
          store.commit(accept(3000));
          return contentOf(store);
        });
      }
      await rejects(inSchema(settings), { kind: 'moved', message: /was begun and not finished/ });
      await there(file, settings);
      deepEqual(await inSchema(settings), before);
      await rejects(async () => inFile(file), { kind: 'moved' });

      const again = join(directory.path, `again${index}.db`);
      await killedAt(step, 'back', again, settings);
      await rejects(async () => inFile(again), { kind: 'moved', message: /was begun and not finished/ });
      if (step === 'left') await rejects(inSchema(settings), { kind: 'moved' });
      await back(settings, again);
      deepEqual(await inFile(again), before);
      await rejects(inSchema(settings), { kind: 'moved', message: /was moved to/ });
    });
  }
});
