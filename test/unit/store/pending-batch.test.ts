import assert from 'node:assert/strict';
import { StoreError, type StoreErrorKind } from '../../../src/store/error.ts';
import { PendingBatch } from '../../../src/store/postgres/pending-batch.ts';
import { QueryError } from '../../../src/store/postgres/query-error.ts';
import type { Session } from '../../../src/store/postgres/session.ts';
import { accept, putMember } from '../../store/samples.ts';

type Step = QueryError | { readonly outcome: string; readonly stale?: number[]; readonly refused?: object };

const target = { schema: 'switchyard', place: 'there', epoch: 3 };

function failed(state: string, kind: StoreErrorKind = 'io'): QueryError {
  return new QueryError(new StoreError(kind, 'there', `it failed (${state}).`, 'See there.'), 'failed', state);
}

const unknown = (): QueryError =>
  new QueryError(new StoreError('unreachable', 'there', 'the connection was lost.', 'Wait.'), 'unknown');

/** A session that answers what is written down, and notes how large each question was. */
function scripted(steps: readonly Step[]): { readonly session: Session; readonly asked: number[]; left(): number } {
  const script = [...steps];
  const asked: number[] = [];
  const session = {
    host: 'there',
    query: (_: string, values: readonly unknown[] = []) => {
      asked.push(values.reduce<number>((sum, value) => sum + (Buffer.isBuffer(value) ? value.length : 0), 0));
      const step = script.shift();
      if (step === undefined) return Promise.reject(new Error('asked once too often'));
      if (step instanceof QueryError) return Promise.reject(step);
      return Promise.resolve(JSON.parse(JSON.stringify([{ stale: [], refused: {}, ...step }])));
    },
    script: () => Promise.resolve(),
    end: () => Promise.resolve(),
  };
  return { session, asked, left: () => script.length };
}

function batch(): PendingBatch {
  return new PendingBatch(target, [accept(1), putMember('a')], { number: 7, before: 6 });
}

const kind = (expected: StoreErrorKind) => (error: unknown) => error instanceof StoreError && error.kind === expected;

describe('a batch of PostgreSQL until it is known what became of it', () => {
  it('is tried again when another transaction was in its way, and not for ever', async () => {
    const twice = scripted([failed('40001'), failed('40P01'), { outcome: 'written' }]);
    assert.equal((await batch().write(twice.session)).refused.size, 0);
    const always = scripted(Array.from({ length: 50 }, () => failed('40001')));
    const refused = batch();
    await assert.rejects(refused.write(always.session), kind('io'));
    assert.deepEqual([refused.unsure, always.left() > 40], [false, true]);
  });

  it('is not written when the first answer is an error', async () => {
    const one = batch();
    await assert.rejects(one.write(scripted([failed('42P01')]).session), kind('io'));
    assert.deepEqual([one.unsure, one.noted], [false, false]);
  });

  it('is unsure after a lost connection, whatever fails then, until the database has noted an empty one', async () => {
    const one = batch();
    await assert.rejects(one.write(scripted([unknown()]).session), kind('unreachable'));
    assert.equal(one.unsure, true);
    const { session, asked } = scripted([failed('42P01'), failed('55P03')]);
    await assert.rejects(one.write(session), kind('io'));
    assert.equal(one.unsure, true);
    assert.ok((asked[1] ?? 0) < (asked[0] ?? 0), 'the second one is empty');
    await assert.rejects(one.write(scripted([unknown()]).session), kind('unreachable'));
    // The answer to the empty one was lost as well.
    await assert.rejects(one.write(scripted([{ outcome: 'empty' }]).session), /42P01/);
    assert.deepEqual([one.unsure, one.noted], [false, true]);
  });

  it('is written when the empty one finds that it is', async () => {
    const one = batch();
    await assert.rejects(one.write(scripted([unknown()]).session), kind('unreachable'));
    const answer = { outcome: 'known', stale: [0], refused: { 1: '23514: no' } };
    const { refused } = await one.write(scripted([failed('53100', 'full'), answer]).session);
    assert.deepEqual(
      [...refused].map(([row, error]) => [row, error.kind]),
      [
        [0, 'stale'],
        [1, 'refused'],
      ],
    );
    assert.equal(one.unsure, false);
  });

  it('is not written when another has the lease, also after a lost connection', async () => {
    const one = batch();
    await assert.rejects(one.write(scripted([unknown()]).session), kind('unreachable'));
    await assert.rejects(one.write(scripted([{ outcome: 'fenced' }]).session), kind('fenced'));
    assert.deepEqual([one.unsure, one.noted], [false, false]);
  });
});
