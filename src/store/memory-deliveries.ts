import type { DeliveryChange, QueueQuery, QueueRows, StoredDelivery, StoredQueue } from '../core/delivery-state.ts';
import { Tallies } from './tallies.ts';

type Accepted = Extract<DeliveryChange, { op: 'accept' }>;

/** Deliveries in this process, with the meaning that SQLite gives them. */
export class MemoryDeliveries {
  readonly #rows = new Map<number, StoredDelivery>();
  readonly #duplicates = new Map<number, { readonly pool: string; readonly key: string }>();
  readonly #tallies = new Tallies();

  /** Takes one step; false where the row is not as the step needs it to be, and nothing is changed. */
  apply(change: DeliveryChange): boolean {
    if (change.op === 'accept') return this.#accept(change);
    if (change.op === 'forget-duplicates') {
      for (const [id, { pool }] of this.#duplicates) {
        if (pool === change.pool && id < change.before) this.#duplicates.delete(id);
      }
      return true;
    }
    const row = this.#rows.get(change.id);
    return row !== undefined && row.pool === change.pool && this.#step(row, change);
  }

  #accept(change: Accepted): boolean {
    if (this.#rows.has(change.id)) return true;
    const { op: _, duplicate, ...row } = change;
    this.#rows.set(row.id, row);
    if (duplicate !== undefined) this.#duplicates.set(row.id, { pool: row.pool, key: duplicate.toLowerCase() });
    this.#tallies.accept(row.pool, row.id);
    return true;
  }

  #step(row: StoredDelivery, change: Exclude<DeliveryChange, Accepted | { op: 'forget-duplicates' }>): boolean {
    const open = row.state !== 'dead';
    const free = { worker: undefined, leasedAt: 0, deadline: 0 };
    switch (change.op) {
      case 'lease': {
        if (!open || row.attempt !== change.attempt - 1) return false;
        const { attempt, worker, nonce, leasedAt, deadline } = change;
        return this.#put({ ...row, state: 'leased', attempt, worker, nonce, leasedAt, deadline });
      }
      case 'release': {
        if (row.state !== 'leased' || row.attempt !== change.attempt) return false;
        const { notBefore, history } = change;
        return this.#put({ ...row, ...free, state: 'ready', notBefore, history });
      }
      case 'extend':
        if (row.state !== 'leased' || row.attempt !== change.attempt) return false;
        return this.#put({ ...row, deadline: change.deadline });
      case 'ack':
        return open && this.#end(row, 'acknowledged');
      case 'bury': {
        if (!open || row.attempt !== change.attempt) return false;
        this.#duplicates.delete(row.id);
        const { reason, at: deadAt, history } = change;
        return this.#put({ ...row, ...free, state: 'dead', notBefore: 0, reason, deadAt, history });
      }
      case 'keep':
        return !open && row.deadAt === 0 && this.#put({ ...row, deadAt: change.at });
      case 'bounce':
        return row.attempt === change.attempt && this.#end(row, 'bounced');
      case 'purge':
        return this.#end(row, 'purged');
      case 'redrive': {
        if (open) return false;
        const { expires, notBefore } = change;
        const { attempt: base } = row;
        return this.#put({ ...row, state: 'ready', base, expires, notBefore, reason: undefined, deadAt: 0 });
      }
    }
  }

  #put(row: StoredDelivery): boolean {
    this.#rows.set(row.id, row);
    return true;
  }

  #end(row: StoredDelivery, how: 'acknowledged' | 'bounced' | 'purged'): boolean {
    this.#rows.delete(row.id);
    if (how !== 'acknowledged') this.#duplicates.delete(row.id);
    this.#tallies.count(row.pool, how);
    return true;
  }

  read(query: QueueQuery): QueueRows {
    const rows = this.#of(query.pool).filter((row) => fits(row, query));
    if (query.want === 'ids') return { rows, more: false };
    if (query.want === 'expired') rows.sort((a, b) => a.expires - b.expires);
    if (query.want === 'dead') rows.sort((a, b) => a.deadAt - b.deadAt);
    const bytes = 'bytes' in query ? query.bytes : Number.POSITIVE_INFINITY;
    let held = 0;
    const end = rows.findIndex((row, index) => {
      held += row.bytes;
      return index >= query.limit || (index > 0 && held > bytes);
    });
    return end === -1 ? { rows, more: false } : { rows: rows.slice(0, end), more: true };
  }

  queues(): StoredQueue[] {
    return [...this.#tallies.entries()].map(([pool, tally]) => {
      const rows = this.#of(pool);
      const open = rows.filter(({ state }) => state !== 'dead');
      const senders = new Map<string, number>();
      for (const row of open) {
        const sender = row.sender.split('/', 1).join();
        senders.set(sender, (senders.get(sender) ?? 0) + 1);
      }
      const duplicates = [...this.#duplicates].filter(([, duplicate]) => duplicate.pool === pool);
      return {
        pool,
        tally: { ...tally },
        open: open.length,
        bytes: open.reduce((sum, { bytes }) => sum + bytes, 0),
        dead: rows.length - open.length,
        senders: [...senders].map(([sender, count]) => ({ sender, open: count })),
        begun: open.filter(({ state, attempt, base }) => state === 'leased' || attempt > base),
        duplicates: duplicates.map(([id, { key }]) => ({ id, key })).sort((a, b) => a.id - b.id),
      };
    });
  }

  /** By id. */
  #of(pool: string): StoredDelivery[] {
    return [...this.#rows.values()].filter((row) => row.pool === pool).sort((a, b) => a.id - b.id);
  }
}

function fits(row: StoredDelivery, query: QueueQuery): boolean {
  const waits = row.state === 'ready' && row.attempt === row.base;
  switch (query.want) {
    case 'ready':
      return waits && row.id > query.after;
    case 'key':
      return waits && row.id > query.after && row.key === query.key;
    case 'expired':
      return row.state === 'ready' && row.expires <= query.now;
    case 'dead':
      return row.state === 'dead' && row.deadAt >= query.from && row.deadAt < query.before;
    case 'list':
      return row.id > query.after && query.states.includes(row.state);
    case 'ids':
      return query.ids.includes(row.id);
  }
}
