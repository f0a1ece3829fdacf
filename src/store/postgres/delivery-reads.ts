import type { QueueQuery, QueueRows, StoredDelivery } from '../../core/delivery-state.ts';
import { type DeliveryRow, stateCodes } from '../delivery-row.ts';
import { takeRows } from '../take-rows.ts';
import { quoted } from './quoted.ts';
import type { Session } from './session.ts';

/** Milliseconds that the database may take to answer. */
const patience = 60_000;

/**
 * A page of those that are ready: `$1` the pool, `$2` the id after which, `$3` how many, `$4` how many bytes, `$5` the key if of
 * one. Of what does not fit into the bytes only one row leaves the database.
 *
 * `offset 0` keeps what PostgreSQL cannot estimate out of the search for the rows: with `attempt = base` inside it expects one
 * of two hundred, reads the whole table for each page once it has statistics of a long queue, and sorts.
 */
function pageText(table: string, ofKey: boolean): string {
  return `select * from (
      select *, sum(bytes) over (order by id) - bytes as held, row_number() over (order by id) as place from (
        select * from (
          select * from ${table} where pool = $1 and state = 0 and id > $2
            ${ofKey ? 'and key is not null and hashtextextended(key, 0) = hashtextextended($5, 0)' : ''}
          order by id offset 0
        ) as ready where attempt = base ${ofKey ? 'and key = $5' : ''} order by id limit $3
      ) as first
    ) as summed where held <= $4 or place <= 2 order by id`;
}

/** Reads deliveries while the router runs. Rejects with a `StoreError`. */
export async function readDeliveries(
  session: Session,
  schema: string,
  place: string,
  query: QueueQuery,
): Promise<QueueRows> {
  const table = `${quoted(schema)}.delivery`;
  const ask = (rest: string, ...values: unknown[]) =>
    session.query<DeliveryRow>(`select * from ${table} where ${rest}`, values, patience);
  const { want, pool } = query;
  switch (want) {
    case 'ready':
    case 'key': {
      const text = pageText(table, want === 'key');
      const values = [pool, query.after, query.limit + 1, query.bytes, ...(want === 'key' ? [query.key] : [])];
      return takeRows(await session.query<DeliveryRow>(text, values, patience), query.limit, query.bytes, place);
    }
    case 'expired': {
      const rest = 'pool = $1 and state = 0 and expires <= $2 order by expires, id limit $3';
      return some(await ask(rest, pool, query.now, query.limit + 1), query.limit, place);
    }
    case 'dead': {
      const rest = 'pool = $1 and state = 2 and dead_at >= $2 and dead_at < $3 order by dead_at, id limit $4';
      return some(await ask(rest, pool, query.from, query.before, query.limit + 1), query.limit, place);
    }
    case 'list': {
      const found: DeliveryRow[] = [];
      for (const state of new Set<StoredDelivery['state']>(query.states)) {
        const rest = `pool = $1 and state = ${stateCodes[state]} and id > $2 order by id limit $3`;
        found.push(...(await ask(rest, pool, query.after, query.limit + 1)));
      }
      return some(
        found.sort((a, b) => a.id - b.id),
        query.limit,
        place,
      );
    }
    case 'ids': {
      const rows = await ask('id = any($1::bigint[]) and pool = $2 order by id', query.ids, pool);
      return some(rows, rows.length, place);
    }
  }
}

function some(rows: readonly DeliveryRow[], limit: number, place: string): QueueRows {
  return takeRows(rows, limit, Number.POSITIVE_INFINITY, place);
}
