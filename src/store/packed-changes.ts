import type { Change, DeliveryChange, StoredDelivery } from '../core/durable-state.ts';
import { type Packed, type Packer, Unpacker } from './packer.ts';

type Packable = Extract<DeliveryChange, { op: 'accept' | 'ack' | 'lease' }>;

/**
 * Changes on their way to the writer thread. What comes by the hundred thousand is packed: copying
 * objects between threads costs three times as much, most of it in the thread that writes.
 */
export interface PackedChanges extends Packed {
  /** Changes of other kinds, in the order of their places. */
  readonly others: readonly Change[];
}

/** What each packed change begins with. */
const codes = { other: 0, accept: 1, ack: 2, lease: 3 } as const;
/** Most numbers that a change takes. */
const most = 32;
const states = ['ready', 'leased', 'dead'] as const;
const types = ['normal', 'chat', 'headline'] as const;

export function isPackable(change: Change): change is Packable {
  return change.op === 'accept' || change.op === 'ack' || change.op === 'lease';
}

export function packChange(packer: Packer, change: Packable): void {
  packer.reserve(most);
  packer.number(codes[change.op]);
  packer.repeated('pool', change.pool);
  packer.number(change.id);
  if (change.op === 'accept') packDelivery(packer, change);
  else if (change.op === 'lease') {
    packer.number(change.attempt);
    packer.text(change.worker);
    packer.text(change.nonce);
    packer.number(change.leasedAt);
    packer.number(change.deadline);
  }
}

/** Keeps the place of a change that is not packed. */
export function packPlace(packer: Packer): void {
  packer.reserve(1);
  packer.number(codes.other);
}

export function unpackChanges(packed: PackedChanges): Change[] {
  const reader = new Unpacker(packed);
  const changes: Change[] = [];
  let others = 0;
  while (reader.hasMore) {
    const change = unpack(reader, reader.number()) ?? packed.others[others++];
    if (change !== undefined) changes.push(change);
  }
  return changes;
}

function unpack(reader: Unpacker, code: number): Packable | undefined {
  if (code === codes.other) return undefined;
  const pool = reader.repeated('pool');
  const id = reader.number();
  if (code === codes.accept) return unpackDelivery(reader, pool, id);
  if (code === codes.ack) return { op: 'ack', pool, id };
  const attempt = reader.number();
  const worker = reader.text();
  const nonce = reader.optionalText();
  return { op: 'lease', pool, id, attempt, worker, nonce, leasedAt: reader.number(), deadline: reader.number() };
}

/** In the order in which `unpackDelivery` reads them. */
function packDelivery(packer: Packer, row: StoredDelivery & { readonly duplicate: string | undefined }): void {
  packer.text(row.duplicate);
  packer.number(states.indexOf(row.state));
  packer.text(row.sender);
  packer.repeated('to', row.to);
  packer.number(row.type === undefined ? -1 : types.indexOf(row.type));
  packer.text(row.message);
  packer.text(row.wire);
  packer.text(row.lang);
  packer.text(row.rest);
  packer.text(row.tail);
  packer.number(row.bytes);
  packer.number(row.since);
  packer.number(row.expires);
  packer.text(row.key);
  packer.number(row.receipt ? 1 : 0);
  packer.number(row.attempt);
  packer.number(row.base);
  packer.text(row.worker);
  packer.text(row.nonce);
  packer.number(row.leasedAt);
  packer.number(row.deadline);
  packer.number(row.notBefore);
  packer.text(row.history);
  packer.text(row.reason);
  packer.number(row.deadAt);
}

function unpackDelivery(reader: Unpacker, pool: string, id: number): Packable {
  // Fields of an object are evaluated in the order written.
  return {
    op: 'accept',
    pool,
    id,
    duplicate: reader.optionalText(),
    state: states[reader.number()] ?? 'ready',
    sender: reader.text(),
    to: reader.repeated('to'),
    type: types[reader.number()],
    message: reader.optionalText(),
    wire: reader.optionalText(),
    lang: reader.optionalText(),
    rest: reader.optionalText(),
    tail: reader.text(),
    bytes: reader.number(),
    since: reader.number(),
    expires: reader.number(),
    key: reader.optionalText(),
    receipt: reader.number() === 1,
    attempt: reader.number(),
    base: reader.number(),
    worker: reader.optionalText(),
    nonce: reader.optionalText(),
    leasedAt: reader.number(),
    deadline: reader.number(),
    notBefore: reader.number(),
    history: reader.optionalText(),
    reason: reader.optionalText(),
    deadAt: reader.number(),
  };
}
