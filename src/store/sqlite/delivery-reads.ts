import type { Database, Statement } from 'better-sqlite3';
import type { QueueQuery, QueueRows } from '../../core/delivery-state.ts';
import { type DeliveryRow, deliveryOf } from '../delivery-row.ts';
import { takeRows } from '../take-rows.ts';
import { hold } from './connection.ts';
import { queries } from './delivery-queries.ts';

/** Prepares the statements that read deliveries while the router runs. */
export function prepareDeliveryReads(database: Database): (query: QueueQuery) => QueueRows {
  const prepare = <Parameters extends unknown[]>(sql: string): Statement<Parameters, DeliveryRow> =>
    hold(database.prepare<Parameters, DeliveryRow>(sql));
  const ready = prepare<[string, number, number]>(queries.ready);
  const key = prepare<[string, string, number, number]>(queries.key);
  const expired = prepare<[string, number, number]>(queries.expired);
  const dead = prepare<[string, number, number, number]>(queries.dead);
  const one = prepare<[number, string]>(queries.one);
  const list = {
    ready: prepare<[string, number, number]>(queries.listReady),
    leased: prepare<[string, number, number]>(queries.listLeased),
    dead: prepare<[string, number, number]>(queries.listDead),
  };
  const file = database.name;
  const some = (rows: Iterable<DeliveryRow>, limit: number, bytes = Number.POSITIVE_INFINITY): QueueRows =>
    takeRows(rows, limit, bytes, file);
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
        return some(dead.iterate(pool, query.from, query.before, query.limit + 1), query.limit);
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
