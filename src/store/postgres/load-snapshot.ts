import type { StoredQueue } from '../../core/delivery-state.ts';
import type { Snapshot } from '../../core/durable-state.ts';
import type { DeliveryRow } from '../delivery-row.ts';
import { type DeadRow, duplicatesMost, queuesOf, type SenderRow, type TallyRow } from '../stored-queues.ts';
import { type SnapshotRow, type SnapshotRows, snapshotOf } from '../stored-rows.ts';
import { quoted } from './quoted.ts';
import type { Session } from './session.ts';

/** Milliseconds that the database may take: a long queue is counted. */
const patience = 300_000;

type PlainParts = { readonly [Name in keyof SnapshotRows]: SnapshotRow<Name> };

/** The rows of each part of a snapshot. */
interface Parts extends PlainParts {
  readonly tally: TallyRow;
  readonly senders: SenderRow;
  readonly dead: DeadRow;
  readonly begun: DeliveryRow;
  readonly duplicates: DuplicatesRow;
}

/** By what the duplicates of a pool are known, by id: the two lists are of one length. */
interface DuplicatesRow {
  readonly pool: string;
  readonly ids: readonly number[];
  readonly keys: readonly string[];
}

type PartRow<Part extends keyof Parts = keyof Parts> = {
  readonly [Name in Part]: { readonly part: Name; readonly row: Parts[Name] };
}[Part];
type Found = { readonly [Name in keyof Parts]: Parts[Name][] };

/** How each part is selected. `$` stands for the schema. */
const selects: { readonly [Name in keyof Parts]: string } = {
  preferences: 'select pool, algorithm, replaced from $.preference',
  members:
    'select pool, jid, label, sequence, priority, show, weight, capacity, drain, pings, seen from $.member order by pool, sequence',
  conversations: 'select pool, sender, worker, at from $.conversation',
  subscriptions: 'select pool, peer, state, ask from $.subscription',
  aliases: 'select pool, sender, key, at from $.alias',
  labels: 'select pool, label, bare, at from $.label order by at',
  orders: 'select pool, jid, held, weight from $.worker_order',
  made: 'select name as pool, settings, made_by as "by", made_at as at from $.made_pool order by made_at, name',
  tally:
    'select distinct on (pool) pool, accepted, acknowledged, bounced, purged, last from $.tally order by pool, number desc',
  senders: `select pool, split_part(sender, '/', 1) as sender, count(*) as open, sum(bytes) as bytes
    from $.delivery where state < 2 group by 1, 2`,
  dead: 'select pool, count(*) as dead from $.delivery where state = 2 group by pool',
  begun: 'select * from $.delivery where state = 1 or (state = 0 and attempt > base) order by id',
  // A row a pool, for there are many of them.
  duplicates: `select pool, json_agg(id order by id) as ids, json_agg(encode(key, 'hex') order by id) as keys from (
      select distinct pool from $.tally
    ) as pools cross join lateral (
      select id, key from $.duplicate x where x.pool = pools.pool order by id desc limit ${duplicatesMost}
    ) as newest group by pool`,
};

/** Everything stored, as of one moment: by one statement, which sees one state of the database. Rejects with a `StoreError`. */
export async function loadSnapshot(session: Session, schema: string, place: string): Promise<Snapshot> {
  const parts = Object.entries(selects).map(
    ([name, select]) =>
      `select '${name}' as part, row_to_json(r) as row from (${select.replaceAll('$.', `${quoted(schema)}.`)}) as r`,
  );
  const found: Found = {
    preferences: [],
    members: [],
    conversations: [],
    subscriptions: [],
    aliases: [],
    labels: [],
    orders: [],
    made: [],
    tally: [],
    senders: [],
    dead: [],
    begun: [],
    duplicates: [],
  };
  for (const row of await session.query<PartRow>(parts.join('\nunion all\n'), [], patience)) keep(found, row);
  return snapshotOf(found, queuesIn(found, place), place);
}

function keep<Part extends keyof Parts>(found: Found, { part, row }: PartRow<Part>): void {
  found[part].push(row);
}

function queuesIn({ tally, senders, dead, begun, duplicates }: Found, place: string): Snapshot['queues'] {
  const known = new Map(duplicates.map(({ pool, ids, keys }) => [pool, { ids, keys }]));
  const duplicatesOf = (pool: string): StoredQueue['duplicates'] => {
    const { ids, keys } = known.get(pool) ?? { ids: [], keys: [] };
    return ids.map((id, index) => ({ id, key: keys[index] ?? '' }));
  };
  return queuesOf({ tallies: tally, senders, dead, begun, duplicatesOf }, place);
}
