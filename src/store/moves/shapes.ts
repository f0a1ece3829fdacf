import { createHash } from 'node:crypto';

/** `flag` is 0 or 1; `bytes` are in hexadecimal. */
export type ColumnKind = 'text' | 'integer' | 'flag' | 'real' | 'bytes';

/** A value of a column, the same whatever database it came from. */
export type Value = string | number | null;

/** Values in the order of the columns. */
export type Row = readonly Value[];

/** A table that both databases have. */
export interface Shape {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly kind: ColumnKind }[];
  /** Names of the columns by which a row is known. */
  readonly key: readonly string[];
  /** Rows are read by the SHA-256 of this letter and their key, which is the key in PostgreSQL; else by the key itself. */
  readonly letter: string | undefined;
}

function shape(
  name: string,
  letter: string | undefined,
  key: readonly string[],
  kinds: Record<string, ColumnKind>,
): Shape {
  return { name, letter, key, columns: Object.entries(kinds).map(([column, kind]) => ({ name: column, kind })) };
}

/** All tables that are moved; the letters are those of `keyOf` of changes. */
export const shapes: readonly Shape[] = [
  shape('preference', 'p', ['pool'], { pool: 'text', algorithm: 'text', replaced: 'text' }),
  shape('member', 'm', ['pool', 'jid'], {
    pool: 'text',
    jid: 'text',
    label: 'text',
    sequence: 'integer',
    priority: 'integer',
    show: 'text',
    weight: 'real',
    capacity: 'integer',
    drain: 'flag',
    pings: 'flag',
    seen: 'integer',
  }),
  shape('conversation', 'c', ['pool', 'sender'], { pool: 'text', sender: 'text', worker: 'text', at: 'integer' }),
  shape('subscription', 's', ['pool', 'peer'], { pool: 'text', peer: 'text', state: 'text', ask: 'flag' }),
  shape('alias', 'a', ['pool', 'sender'], { pool: 'text', sender: 'text', key: 'text', at: 'integer' }),
  shape('label', 'l', ['pool', 'label'], { pool: 'text', label: 'text', bare: 'text', at: 'integer' }),
  shape('worker_order', 'o', ['pool', 'jid'], { pool: 'text', jid: 'text', held: 'text', weight: 'integer' }),
  shape('made_pool', 'd', ['name'], { name: 'text', settings: 'text', made_by: 'text', made_at: 'integer' }),
  shape('tally', undefined, ['pool'], {
    pool: 'text',
    accepted: 'integer',
    acknowledged: 'integer',
    bounced: 'integer',
    purged: 'integer',
    last: 'integer',
  }),
  shape('duplicate', undefined, ['pool', 'id'], { pool: 'text', id: 'integer', key: 'bytes' }),
  shape('delivery', undefined, ['id'], {
    id: 'integer',
    pool: 'text',
    state: 'integer',
    attempt: 'integer',
    base: 'integer',
    bytes: 'integer',
    since: 'integer',
    expires: 'integer',
    not_before: 'integer',
    leased_at: 'integer',
    deadline: 'integer',
    dead_at: 'integer',
    receipt: 'flag',
    sender: 'text',
    target: 'text',
    type: 'text',
    message: 'text',
    wire: 'text',
    lang: 'text',
    key: 'text',
    worker: 'text',
    nonce: 'text',
    reason: 'text',
    rest: 'text',
    history: 'text',
    tail: 'text',
  }),
];

/** The key of a row that is known by a hash, as PostgreSQL has it. */
export function hashOf(letter: string, key: readonly string[]): Buffer {
  return createHash('sha256')
    .update([letter, ...key].join('\0'))
    .digest();
}

/** The values of a row's key. */
export function keyOfRow({ columns, key }: Shape, row: Row): readonly Value[] {
  return key.map((name) => row[columns.findIndex((column) => column.name === name)] ?? null);
}

/** For people: `pool jobs, id 5`. */
export function rowName(shape: Shape, row: Row): string {
  const values = keyOfRow(shape, row);
  return shape.key.map((name, at) => `${name} ${JSON.stringify(values[at])}`).join(', ');
}

/** In the order in which both databases give the rows: texts by the bytes of their UTF-8. */
export function compareKeys(shape: Shape, one: Row, other: Row): number {
  const [a, b] = [keyOfRow(shape, one), keyOfRow(shape, other)];
  if (shape.letter !== undefined) {
    return Buffer.compare(hashOf(shape.letter, a.map(String)), hashOf(shape.letter, b.map(String)));
  }
  for (const [at, value] of a.entries()) {
    const against = b[at];
    const order =
      typeof value === 'number' && typeof against === 'number'
        ? value - against
        : Buffer.compare(Buffer.from(String(value)), Buffer.from(String(against)));
    if (order !== 0) return order;
  }
  return 0;
}
