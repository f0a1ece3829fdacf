import { createHash } from 'node:crypto';
import type { DeliveryChange } from '../../core/delivery-state.ts';
import type { Change } from '../../core/durable-state.ts';
import { keyOf } from '../change-key.ts';
import { isDeliveryChange } from '../delivery-change.ts';
import { AcceptedColumns } from './accepted-columns.ts';
import { IntegerColumn, TextColumn } from './binary-columns.ts';
import { StepColumns } from './step-columns.ts';

/** A change, and its place in the batch. */
export interface Placed {
  readonly place: number;
  readonly change: Change;
}

/** Changes of one operation, none of which is of the same row as another. */
type Group = readonly Placed[];

/** Parameters of `write_batch`, after the first three. */
export type BatchValues = readonly unknown[];

/**
 * What `write_batch` is given: changes in groups that can be written at once. Where several are of one row, the second is in
 * a later group than the first.
 */
export function planBatch(changes: readonly Placed[]): BatchValues {
  return valuesOf(groupsOf(changes), false);
}

/** The same, each change by itself, so that one which the database does not take is left out alone. */
export function planCareful(changes: readonly Placed[]): BatchValues {
  return valuesOf(
    changes.map((one) => [one]),
    true,
  );
}

/** By layer: the number of changes of the same row that go before. What is of many rows has a layer of its own. */
function groupsOf(changes: readonly Placed[]): Group[] {
  const layers: Map<Change['op'], Placed[]>[] = [];
  const nextOf = new Map<number | string, number>();
  let floor = 0;
  for (const placed of changes) {
    const { change } = placed;
    const row = rowOf(change);
    const layer = row === undefined ? layers.length : Math.max(floor, nextOf.get(row) ?? 0);
    if (row === undefined) floor = layer + 1;
    else nextOf.set(row, layer + 1);
    layers[layer] ??= new Map();
    const group = layers[layer].get(change.op);
    if (group === undefined) layers[layer].set(change.op, [placed]);
    else group.push(placed);
  }
  return layers.flatMap((groups) => [...groups.values()]);
}

/** `undefined` for a change of many rows. */
function rowOf(change: Change): number | string | undefined {
  if (change.op === 'forget-duplicates') return undefined;
  return isDeliveryChange(change) ? change.id : keyOf(change);
}

function valuesOf(groups: readonly Group[], careful: boolean): BatchValues {
  const [operations, objects] = [new TextColumn(), new TextColumn()];
  const [firsts, lasts, places] = [new IntegerColumn(), new IntegerColumn(), new IntegerColumn()];
  const steps = new StepColumns();
  const accepted = new AcceptedColumns();
  for (const group of groups) {
    const [first] = group;
    if (first === undefined) continue;
    const { op } = first.change;
    operations.push(op);
    places.push(first.place);
    const columns = op === 'accept' ? accepted : steps;
    firsts.push(columns.length + 1);
    const rows: unknown[] = [];
    for (const { place, change } of group) {
      if (change.op === 'accept') accepted.push(change);
      else if (isDeliveryChange(change)) steps.push(change, place);
      else rows.push(objectOf(change));
    }
    lasts.push(columns.length);
    objects.push(rows.length === 0 ? undefined : JSON.stringify(rows));
  }
  const heads = [operations, firsts, lasts, places, objects].map((column) => column.finish());
  return [careful, ...heads, ...steps.finish(), ...accepted.finish()];
}

/** A row of a small table, or what says which; the names of its columns are those of the change. */
function objectOf(change: Exclude<Change, DeliveryChange>): unknown {
  const { op: _, ...fields } = change;
  const name = keyOf(change);
  return name === undefined ? fields : { ...fields, hash: createHash('sha256').update(name).digest('hex') };
}
