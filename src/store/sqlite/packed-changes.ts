import type { Change, DeliveryChange, StoredDelivery } from '../../core/durable-state.ts';

type Packable = Extract<DeliveryChange, { op: 'accept' | 'ack' | 'lease' }>;

/**
 * Changes on their way to the writer thread. What comes by the hundred thousand is packed into
 * columns: numbers side by side, and texts end to end with their lengths among the numbers. Copying
 * objects between threads costs three times as much, most of it in the thread that writes.
 */
export interface PackedChanges {
  readonly numbers: Float64Array;
  readonly text: string;
  /** Changes of other kinds, in the order of their places. */
  readonly others: readonly Change[];
}

/** What each packed change begins with. */
const codes = { other: 0, accept: 1, ack: 2, lease: 3 } as const;
/** Numbers that each takes, its code and the lengths of its texts with it. */
const sizes = { other: 1, accept: 28, ack: 3, lease: 8 } as const;
/** Stands for the length of a text that is `undefined`. */
const absent = -1;
const states = ['ready', 'leased', 'dead'] as const;
const types = ['normal', 'chat', 'headline'] as const;

export function packChanges(changes: readonly Change[]): PackedChanges {
  const packer = new Packer(changes.reduce((size, change) => size + sizes[placeOf(change)], 0));
  const others: Change[] = [];
  for (const change of changes) {
    if (isPackable(change)) pack(packer, change);
    else {
      packer.number(codes.other);
      others.push(change);
    }
  }
  return { numbers: packer.numbers, text: packer.texts.join(''), others };
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

function isPackable(change: Change): change is Packable {
  return change.op === 'accept' || change.op === 'ack' || change.op === 'lease';
}

function placeOf(change: Change): keyof typeof sizes {
  return isPackable(change) ? change.op : 'other';
}

class Packer {
  readonly numbers: Float64Array;
  readonly texts: string[] = [];
  #at = 0;

  constructor(size: number) {
    this.numbers = new Float64Array(size);
  }

  number(value: number): void {
    this.numbers[this.#at] = value;
    this.#at += 1;
  }

  text(value: string | undefined): void {
    this.number(value === undefined ? absent : value.length);
    if (value !== undefined) this.texts.push(value);
  }
}

class Unpacker {
  readonly #numbers: Float64Array;
  readonly #text: string;
  #at = 0;
  #read = 0;

  constructor({ numbers, text }: PackedChanges) {
    this.#numbers = numbers;
    this.#text = text;
  }

  get hasMore(): boolean {
    return this.#at < this.#numbers.length;
  }

  number(): number {
    const value = this.#numbers[this.#at] ?? 0;
    this.#at += 1;
    return value;
  }

  text(): string {
    return this.optionalText() ?? '';
  }

  optionalText(): string | undefined {
    const length = this.number();
    if (length === absent) return undefined;
    const start = this.#read;
    this.#read += length;
    return this.#text.substring(start, this.#read);
  }
}

function pack(packer: Packer, change: Packable): void {
  packer.number(codes[change.op]);
  packer.text(change.pool);
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

function unpack(reader: Unpacker, code: number): Packable | undefined {
  if (code === codes.other) return undefined;
  const pool = reader.text();
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
  packer.text(row.to);
  packer.number(row.type === undefined ? absent : types.indexOf(row.type));
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
    to: reader.text(),
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
