import type { DeliveryChange, QueueQuery, StoredDelivery, StoredTally } from '../../src/core/delivery-state.ts';

type Step = Exclude<DeliveryChange, { op: 'accept' | 'forget-duplicates' }>;
type State = StoredDelivery['state'];

/** In which states each step finds its row. */
const states: Readonly<Record<Step['op'], readonly State[]>> = {
  lease: ['ready', 'leased'],
  release: ['leased'],
  extend: ['leased'],
  ack: ['ready', 'leased'],
  bury: ['ready', 'leased'],
  keep: ['dead'],
  bounce: ['ready', 'leased', 'dead'],
  purge: ['ready', 'leased', 'dead'],
  redrive: ['dead'],
};
/** By which steps a delivery ends, and how that is counted. */
const ends: Partial<Record<Step['op'], keyof StoredTally>> = {
  ack: 'acknowledged',
  bounce: 'bounced',
  purge: 'purged',
};

/** What the store is to hold, as plainly as can be: a list that is searched. */
export class DeliveryModel {
  rows: StoredDelivery[] = [];
  /** The largest id that was given. */
  last = 10;
  duplicates: { pool: string; id: number; key: string }[] = [];
  readonly tallies = new Map<string, Record<keyof StoredTally, number>>();

  /** Takes a step; returns what the store has to answer. */
  take(change: DeliveryChange): 'stored' | 'stale' {
    if (change.op === 'accept') return this.#accept(change);
    if (change.op === 'forget-duplicates') {
      this.duplicates = this.duplicates.filter(({ pool, id }) => pool !== change.pool || id >= change.before);
      return 'stored';
    }
    const row = this.rows.find(({ id, pool }) => id === change.id && pool === change.pool);
    if (row === undefined || !states[change.op].includes(row.state)) return 'stale';
    const attempt = change.op === 'lease' ? change.attempt - 1 : 'attempt' in change ? change.attempt : row.attempt;
    if (row.attempt !== attempt) return 'stale';
    if (change.op === 'keep' && row.deadAt !== 0) return 'stale';
    const end = ends[change.op];
    this.rows = this.rows.filter((other) => other !== row);
    if (end === undefined) this.rows.push(after(row, change));
    else this.#count(row.pool)[end] += 1;
    if (['bury', 'bounce', 'purge'].includes(change.op)) {
      this.duplicates = this.duplicates.filter(({ id }) => id !== row.id);
    }
    return 'stored';
  }

  #accept(change: Extract<DeliveryChange, { op: 'accept' }>): 'stored' {
    const { op: _, duplicate, ...row } = change;
    if (this.rows.some(({ id }) => id === row.id)) return 'stored';
    this.rows.push(row);
    const counts = this.#count(row.pool);
    counts.accepted += 1;
    counts.last = Math.max(counts.last, row.id);
    if (duplicate !== undefined) this.duplicates.push({ pool: row.pool, id: row.id, key: duplicate });
    return 'stored';
  }

  #count(pool: string): Record<keyof StoredTally, number> {
    const counts = this.tallies.get(pool) ?? { accepted: 0, acknowledged: 0, bounced: 0, purged: 0, last: 0 };
    this.tallies.set(pool, counts);
    return counts;
  }

  /** What a query that is bounded by nothing gives. */
  read(query: QueueQuery): StoredDelivery[] {
    const rows = this.rows.filter((row) => row.pool === query.pool).sort((a, b) => a.id - b.id);
    const fresh = rows.filter((row) => row.state === 'ready' && row.attempt === row.base);
    switch (query.want) {
      case 'ready':
        return fresh.filter(({ id }) => id > query.after);
      case 'key':
        return fresh.filter(({ id, key }) => id > query.after && key === query.key);
      case 'expired':
        return rows
          .filter(({ state, expires }) => state === 'ready' && expires <= query.now)
          .sort((a, b) => a.expires - b.expires);
      case 'dead':
        return rows
          .filter(({ state, deadAt }) => state === 'dead' && deadAt >= query.from && deadAt < query.before)
          .sort((a, b) => a.deadAt - b.deadAt);
      case 'list':
        return rows.filter(({ id, state }) => id > query.after && query.states.includes(state));
      case 'ids':
        return rows.filter(({ id }) => query.ids.includes(id));
    }
  }
}

/** What a step makes of a row that stays. */
function after(row: StoredDelivery, step: Step): StoredDelivery {
  const idle = { ...row, worker: undefined, leasedAt: 0, deadline: 0 };
  switch (step.op) {
    case 'lease': {
      const { attempt, worker, nonce, leasedAt, deadline } = step;
      return { ...row, state: 'leased', attempt, worker, nonce, leasedAt, deadline };
    }
    case 'release':
      return { ...idle, state: 'ready', notBefore: step.notBefore, history: step.history };
    case 'extend':
      return { ...row, deadline: step.deadline };
    case 'bury': {
      const { reason, at, history } = step;
      return { ...idle, state: 'dead', notBefore: 0, reason, deadAt: at, history };
    }
    case 'keep':
      return { ...row, deadAt: step.at };
    case 'redrive': {
      const { expires, notBefore } = step;
      return { ...row, state: 'ready', base: row.attempt, expires, notBefore, reason: undefined, deadAt: 0 };
    }
    default:
      throw new Error(`'${step.op}' leaves no row`);
  }
}
