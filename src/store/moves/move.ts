import { randomUUID } from 'node:crypto';
import { StoreError } from '../error.ts';
import { compareTable } from './compare.ts';
import type { Mark } from './mark.ts';
import { planMove } from './plan.ts';
import { shapes } from './shapes.ts';
import type { Side } from './side.ts';

/** How far a move is. `begun`: the target is marked; `copied`; `checked`: equal, row by row; `left`: it is decided. */
export type MoveStep = 'begun' | 'copied' | 'checked' | 'left';

/** Who is told of a move. */
export interface MoveWatcher {
  /** Rows of all tables so far; each is copied and then checked. */
  progress(what: 'copied' | 'checked', rows: number, total: number): void;
  /** The move goes on when it resolves. */
  reached(step: MoveStep): void | Promise<void>;
}

/** What was moved. */
export interface Moved {
  /** Whether an earlier move was finished, whose rows were counted then. */
  readonly finished: boolean;
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
}

/**
 * Moves all that `source` holds to `target`, compares both row by row, and marks the source as moved. Rejects with a
 * `StoreError`; the source is as it was then, and stays the store, unless the error says that the move is decided.
 */
export async function moveStore(source: Side, target: Side, watcher: MoveWatcher): Promise<Moved> {
  const [sourceTables, targetTables] = [await countAll(source), await countAll(target)];
  const total = sum(sourceTables);
  const plan = planMove(
    { place: source.place, mark: await source.mark(), rows: total },
    { place: target.place, mark: await target.mark(), rows: sum(targetTables) },
  );
  const at = Date.now();
  if (plan.todo === 'finish') {
    await arrive(target, { state: 'arrived', id: plan.id, other: source.place, at });
    return { finished: true, tables: targetTables };
  }
  const mark: Mark = { state: 'arriving', id: randomUUID(), other: source.place, at };
  await target.begin(mark);
  await watcher.reached('begun');
  await copy(source, target, (rows) => watcher.progress('copied', rows, total));
  await target.settle();
  await watcher.reached('copied');
  await check(source, target, (rows) => watcher.progress('checked', rows, total));
  await target.setMark({ ...mark, state: 'checked' });
  await watcher.reached('checked');
  await source.setMark({ ...mark, state: 'left', other: target.place });
  await watcher.reached('left');
  await arrive(target, { ...mark, state: 'arrived' });
  return { finished: false, tables: sourceTables };
}

type Counts = readonly { readonly name: string; readonly rows: number }[];

async function countAll(side: Side): Promise<Counts> {
  const counts = [];
  for (const shape of shapes) counts.push({ name: shape.name, rows: await side.count(shape) });
  return counts;
}

function sum(counts: Counts): number {
  return counts.reduce((all, { rows }) => all + rows, 0);
}

async function copy(source: Side, target: Side, copied: (rows: number) => void): Promise<void> {
  let rows = 0;
  for (const shape of shapes) {
    for await (const page of source.pages(shape)) {
      await target.write(shape, page);
      rows += page.length;
      copied(rows);
    }
  }
}

async function check(source: Side, target: Side, checked: (rows: number) => void): Promise<void> {
  let rows = 0;
  const count = (more: number): void => {
    rows += more;
    checked(rows);
  };
  for (const shape of shapes) await compareTable(shape, source, target, count);
}

async function arrive(target: Side, mark: Mark): Promise<void> {
  try {
    await target.setMark(mark);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const advice = `${error.advice} All rows are there, and ${mark.other} is marked as moved: type the same command again to finish.`;
    throw new StoreError(error.kind, error.file, error.problem, advice);
  }
}
