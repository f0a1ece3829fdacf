import type { DeliveryChange } from '../core/delivery-state.ts';
import type { Change } from '../core/durable-state.ts';
import { type Accepted, hasRare } from './delivery-change.ts';
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

/** Left out where there is none: a third of the numbers. */
type Rare = Pick<Accepted, 'duplicate' | 'wire' | 'lang' | 'rest' | 'key' | 'base' | 'notBefore' | 'history'> &
  Pick<Accepted, 'reason' | 'deadAt'>;

const noRare: Rare = {
  duplicate: undefined,
  wire: undefined,
  lang: undefined,
  rest: undefined,
  key: undefined,
  base: 0,
  notBefore: 0,
  history: undefined,
  reason: undefined,
  deadAt: 0,
};

/** In the order in which `unpackDelivery` reads them. */
function packDelivery(packer: Packer, row: Accepted): void {
  const rare = hasRare(row);
  packer.number(rare ? 1 : 0);
  if (rare) packRare(packer, row);
  packer.number(states.indexOf(row.state));
  packer.text(row.sender);
  packer.repeated('to', row.to);
  packer.number(row.type === undefined ? -1 : types.indexOf(row.type));
  packer.text(row.message);
  packer.text(row.tail);
  packer.number(row.bytes);
  packer.number(row.since);
  packer.number(row.expires);
  packer.number(row.receipt ? 1 : 0);
  packer.number(row.attempt);
  packer.text(row.worker);
  packer.text(row.nonce);
  packer.number(row.leasedAt);
  packer.number(row.deadline);
}

function unpackDelivery(reader: Unpacker, pool: string, id: number): Accepted {
  const rare = reader.number() === 1 ? unpackRare(reader) : noRare;
  // Fields of an object are evaluated in the order written. One literal: to copy the others into it takes longer.
  return {
    op: 'accept',
    pool,
    id,
    state: states[reader.number()] ?? 'ready',
    sender: reader.text(),
    to: reader.repeated('to'),
    type: types[reader.number()],
    message: reader.optionalText(),
    tail: reader.text(),
    bytes: reader.number(),
    since: reader.number(),
    expires: reader.number(),
    receipt: reader.number() === 1,
    attempt: reader.number(),
    worker: reader.optionalText(),
    nonce: reader.optionalText(),
    leasedAt: reader.number(),
    deadline: reader.number(),
    duplicate: rare.duplicate,
    wire: rare.wire,
    lang: rare.lang,
    rest: rare.rest,
    key: rare.key,
    base: rare.base,
    notBefore: rare.notBefore,
    history: rare.history,
    reason: rare.reason,
    deadAt: rare.deadAt,
  };
}

/** In the order in which `unpackRare` reads them. */
function packRare(packer: Packer, row: Rare): void {
  packer.text(row.duplicate);
  packer.text(row.wire);
  packer.text(row.lang);
  packer.text(row.rest);
  packer.text(row.key);
  packer.number(row.base);
  packer.number(row.notBefore);
  packer.text(row.history);
  packer.text(row.reason);
  packer.number(row.deadAt);
}

function unpackRare(reader: Unpacker): Rare {
  return {
    duplicate: reader.optionalText(),
    wire: reader.optionalText(),
    lang: reader.optionalText(),
    rest: reader.optionalText(),
    key: reader.optionalText(),
    base: reader.number(),
    notBefore: reader.number(),
    history: reader.optionalText(),
    reason: reader.optionalText(),
    deadAt: reader.number(),
  };
}
