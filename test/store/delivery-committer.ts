/**
 * A process that takes deliveries through all their steps without end. Writes every change to a log
 * before it is committed, and a line `ok` or `stale` for each when it is reported: what the kernel
 * has of the log outlives a kill -9. Arguments: the store, the log, a seed.
 */
import { openSync, writeSync } from 'node:fs';
import type { DeliveryChange, StoredDelivery } from '../../src/core/delivery-state.ts';
import { StoreError } from '../../src/store/error.ts';
import { DeliveryModel } from './delivery-model.ts';
import { accept } from './samples.ts';
import { openArgument } from './store-target.ts';

const [target, logFile = '', seed = '1'] = process.argv.slice(2);
const log = openSync(logFile, 'a');
const store = await openArgument(target);
const model = new DeliveryModel();
model.rows = [
  ...(await store.read({ want: 'list', pool: 'jobs', states: ['ready', 'leased', 'dead'], after: 0, limit: 1e6 })).rows,
];
let next = Number(seed) * 1_000_000;
let random = Number(seed);

/** Park and Miller's generator: the same seed, the same history. */
function below(limit: number): number {
  random = (random * 48_271) % 2_147_483_647;
  return random % limit;
}

function anyChange(): DeliveryChange {
  next += 1;
  const row = model.rows[below(model.rows.length + 1)];
  // Few rows stay, so that they meet their steps.
  if (row === undefined || below(model.rows.length) < 60) {
    const lease = below(2) === 0 ? ({ state: 'leased', attempt: 1, worker: 'w@h/1' } as const) : {};
    return accept(next, lease, next.toString(16).padStart(32, '0'));
  }
  return stepOf(row);
}

function stepOf({ pool, id, attempt }: StoredDelivery): DeliveryChange {
  const one = { pool, id, attempt };
  const steps: DeliveryChange[] = [
    { op: 'lease', ...one, attempt: attempt + 1, worker: 'x@h/2', nonce: 'n', leasedAt: 1, deadline: next },
    { op: 'release', ...one, notBefore: next, history: `[${next}]` },
    { op: 'extend', ...one, deadline: next },
    { op: 'ack', pool, id },
    { op: 'ack', pool, id },
    { op: 'bury', ...one, reason: 'expired', at: next, history: undefined },
    { op: 'keep', pool, id, at: next },
    { op: 'bounce', ...one, reason: 'expired' },
    { op: 'purge', pool, id },
    { op: 'redrive', pool, id, expires: next, notBefore: 0 },
    { op: 'forget-duplicates', pool, before: id },
  ];
  return steps[below(steps.length)] ?? { op: 'purge', pool, id };
}

function commitSome(): void {
  for (let left = 1 + below(60); left > 0; left -= 1) {
    const change = anyChange();
    const expected = model.take(change);
    writeSync(log, `${JSON.stringify(change)}\n`);
    store.commit(change, (error) => {
      const result = error instanceof StoreError ? error.kind : String(error ?? 'stored');
      writeSync(log, result === expected ? 'ok\n' : `${result} instead of ${expected}\n`);
    });
  }
  setImmediate(commitSome);
}

commitSome();
