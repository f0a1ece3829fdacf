import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DeliveryChange, StoredDelivery, StoredQueue } from '../../src/core/delivery-state.ts';
import type { BatchWriter } from '../../src/store/journal.ts';
import { DeliveryModel } from './delivery-model.ts';
import type { StoreTarget } from './store-target.ts';

interface Found {
  readonly rows: readonly StoredDelivery[];
  readonly queue: StoredQueue | undefined;
}

/** Runs a committer until its log has about `size` bytes, kills it, and returns what the log says. */
async function runAndKill(target: StoreTarget, log: string, seed: number, size: number): Promise<string[]> {
  rmSync(log, { force: true });
  const script = fileURLToPath(new URL('./delivery-committer.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import=tsx', script, JSON.stringify(target), log, String(seed)], {
    stdio: 'inherit',
  });
  const closed = once(child, 'close');
  while ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) < size) {
    assert.equal(child.exitCode, null, 'the committer ended by itself');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  child.kill('SIGKILL');
  await closed;
  return readFileSync(log, 'utf8').split('\n').slice(0, -1);
}

async function look(writer: Pick<BatchWriter, 'read' | 'load'>): Promise<Found> {
  const { rows } = await writer.read({
    want: 'list',
    pool: 'jobs',
    states: ['ready', 'leased', 'dead'],
    after: 0,
    limit: 1e6,
  });
  const [queue] = (await writer.load()).queues;
  return { rows, queue };
}

/** Whether the database holds exactly what the model does. */
function isSame(model: DeliveryModel, { rows, queue }: Found): boolean {
  const expected = model.read({ want: 'list', pool: 'jobs', states: ['ready', 'leased', 'dead'], after: 0, limit: 0 });
  const known = model.duplicates.map(({ id, key }) => ({ id, key })).sort((a, b) => a.id - b.id);
  try {
    assert.deepEqual(asLogged(rows), asLogged(expected));
    assert.deepEqual(queue?.tally, model.tallies.get('jobs'));
    assert.deepEqual(queue?.duplicates ?? [], known);
    return true;
  } catch {
    return false;
  }
}

/** The log knows no `undefined`. */
function asLogged(rows: readonly StoredDelivery[]): unknown {
  return JSON.parse(JSON.stringify(rows));
}

/** What is killed, and how what it left is looked at. */
export interface Killed {
  readonly target: StoreTarget;
  /** A file for the log. */
  readonly log: string;
  /** Opens what the killed process wrote, gives it to be looked at, and closes it. */
  readonly inspect: <Result>(look: (writer: Pick<BatchWriter, 'read' | 'load'>) => Promise<Result>) => Promise<Result>;
}

/**
 * Kills a process amid deliveries, some times over: what is there then is every change that was reported, and the next
 * ones in their order up to some point.
 */
export async function holdsThroughKills({ target, log, inspect }: Killed): Promise<void> {
  const seed = 1 + Math.floor(Math.random() * 1e9);
  const model = new DeliveryModel();
  for (let round = 0; round < 4; round += 1) {
    const lines = await runAndKill(target, log, seed + round, 1_000 + Math.floor(Math.random() * 400_000));
    const changes = lines.filter((line) => line.startsWith('{')).map((line): DeliveryChange => JSON.parse(line));
    const answers = lines.filter((line) => !line.startsWith('{'));
    assert.deepEqual(
      answers.filter((answer) => answer !== 'ok'),
      [],
      `seed ${seed}`,
    );
    const found = await inspect(look);
    const reported = answers.length;
    for (const change of changes.slice(0, reported)) model.take(change);
    let stored = reported;
    for (; !isSame(model, found); stored += 1) {
      const change = changes[stored];
      assert.ok(change, `seed ${seed}, round ${round}: lost something of ${reported} reported changes`);
      model.take(change);
    }
    const { tally, open = 0, dead = 0 } = found.queue ?? {};
    const { accepted = 0, acknowledged = 0, bounced = 0, purged = 0 } = tally ?? {};
    assert.equal(accepted, acknowledged + bounced + purged + open + dead);
  }
}
