import type { Database, Statement } from 'better-sqlite3';
import type { QueueQuery, QueueRows, StoredDelivery } from '../../core/durable-state.ts';
import { hold } from './connection.ts';
import { type DeliveryRow, deliveryOf } from './delivery-row.ts';

/** Each has an index, save for what is leased: there the deliveries that lie between are walked over. */
const queries = {
  ready: 'select * from delivery where pool = ? and state = 0 and attempt = base and id > ? order by id limit ?',
  key: 'select * from delivery where pool = ? and state = 0 and key = ? and attempt = base and id > ? order by id limit ?',
  expired: 'select * from delivery where pool = ? and state = 0 and expires <= ? order by expires, id limit ?',
  dead: 'select * from delivery where pool = ? and state = 2 and dead_at < ? order by dead_at, id limit ?',
  one: 'select * from delivery where id = ? and pool = ?',
};
const lists: Readonly<Record<StoredDelivery['state'], string>> = {
  ready: 'select * from delivery where pool = ? and state = 0 and id > ? order by id limit ?',
  leased: 'select * from delivery where +pool = ? and state = 1 and id > ? order by id limit ?',
  dead: 'select * from delivery where pool = ? and state = 2 and id > ? order by id limit ?',
};

/** Prepares the statements that read deliveries while the router runs. */
export function prepareDeliveryReads(database: Database): (query: QueueQuery) => QueueRows {
  const prepare = <Parameters extends unknown[]>(sql: string): Statement<Parameters, DeliveryRow> =>
    hold(database.prepare<Parameters, DeliveryRow>(sql));
  const ready = prepare<[string, number, number]>(queries.ready);
  const key = prepare<[string, string, number, number]>(queries.key);
  const expired = prepare<[string, number, number]>(queries.expired);
  const dead = prepare<[string, number, number]>(queries.dead);
  const one = prepare<[number, string]>(queries.one);
  const list = {
    ready: prepare<[string, number, number]>(lists.ready),
    leased: prepare<[string, number, number]>(lists.leased),
    dead: prepare<[string, number, number]>(lists.dead),
  };
  const file = database.name;
  const some = (rows: Iterable<DeliveryRow>, limit: number, bytes = Number.POSITIVE_INFINITY): QueueRows =>
    take(rows, limit, bytes, file);
  return (query) => {
    const { want, pool } = query;
    switch (want) {
      case 'ready':
        return some(ready.iterate(pool, query.after, query.limit + 1), query.limit, query.bytes);
      case 'key':
        return some(key.iterate(pool, query.key, query.after, query.limit + 1), query.limit, query.bytes);
      case 'expired':
        return some(expired.iterate(pool, query.now, query.limit + 1), query.limit);
      case 'dead':
        return some(dead.iterate(pool, query.before, query.limit + 1), query.limit);
      case 'list': {
        const states = [...new Set(query.states)];
        const rows = states.flatMap((state) => list[state].all(pool, query.after, query.limit + 1));
        return some(
          rows.sort((a, b) => a.id - b.id),
          query.limit,
        );
      }
      case 'ids': {
        const rows = [...new Set(query.ids)].sort((a, b) => a - b).map((id) => one.get(id, pool));
        return { rows: rows.flatMap((row) => (row === undefined ? [] : [deliveryOf(row, file)])), more: false };
      }
    }
  };
}

function take(found: Iterable<DeliveryRow>, limit: number, bytes: number, file: string): QueueRows {
  const rows: StoredDelivery[] = [];
  let held = 0;
  for (const row of found) {
    held += row.bytes;
    if (rows.length >= limit || (rows.length > 0 && held > bytes)) return { rows, more: true };
    rows.push(deliveryOf(row, file));
  }
  return { rows, more: false };
}
