import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Postgres } from '../../support/servers/postgres.ts';
import { until } from '../../support/until.ts';
import { type StoredBooks, type StoredDelivery, type StoredQueue, storedQueue } from './stored-queue.ts';
import { Wire } from './wire.ts';

/** Milliseconds that one of the clusters may take until it takes writes. */
const writableLimit = 45_000;

/** What it costs to write a message. */
export interface Effort {
  readonly messages: number;
  /** That were touched, for each of them. */
  readonly pages: number;
  /** Rows that nobody needs and vacuum has not removed, in all. */
  readonly dead: number;
}

/** What the database itself has noted of who wrote it. */
export interface Audit {
  readonly batches: number;
  /** Of the lease, under which something was written. */
  readonly epochs: number;
  /** What must not be, in words. */
  readonly problems: readonly string[];
}

/**
 * Notes each batch with the epoch that the lease has as it is committed (a trigger that is deferred runs then), and each
 * change of a message with its transaction: a schema beside the router's own.
 */
const auditing = `
  create schema audit;
  create table audit.batch (
    place bigint generated always as identity, transaction xid8, epoch bigint, number bigint, lease bigint
  );
  create table audit.change (transaction xid8, relation text);
  create function audit.note_batch() returns trigger language plpgsql as $$ begin
    insert into audit.batch (transaction, epoch, number, lease)
      select pg_current_xact_id(), new.epoch, new.number, max(epoch) from switchyard.lease;
    return null;
  end $$;
  create function audit.note_change() returns trigger language plpgsql as $$ begin
    insert into audit.change values (pg_current_xact_id(), tg_table_name);
    return null;
  end $$;
  create constraint trigger audit after insert on switchyard.batch deferrable initially deferred
    for each row execute function audit.note_batch();
  create trigger audit after insert or update or delete on switchyard.delivery
    for each statement execute function audit.note_change();
  create trigger audit after insert or update or delete on switchyard.tally
    for each statement execute function audit.note_change();
`;

/** Looks a thousand times a second: a batch takes longer. */
const endWriting = `
  do $$ declare ended boolean; begin
    for tries in 1 .. 10000 loop
      perform pg_stat_clear_snapshot();
      select bool_or(pg_terminate_backend(pid)) into ended from pg_stat_activity
        where datname = current_database() and state = 'active' and query like '%.write_batch(%'
          and pid <> pg_backend_pid();
      if ended then return; end if;
      perform pg_sleep(0.001);
    end loop;
    raise exception 'no batch was written';
  end $$
`;

/** Pages that were looked at of all tables and indexes of the router's, wherever they were. */
const effort = `
  select
    (select max(accepted) from switchyard.tally) as messages,
    (select sum(heap_blks_hit + heap_blks_read + coalesce(idx_blks_hit + idx_blks_read, 0)
        + coalesce(toast_blks_hit + toast_blks_read, 0) + coalesce(tidx_blks_hit + tidx_blks_read, 0))
      from pg_statio_user_tables where schemaname = 'switchyard') as pages,
    (select sum(n_dead_tup) from pg_stat_user_tables where schemaname = 'switchyard') as dead
`;

/** What was written by who had lost the lease, or outside of a batch, or in another order than that of the epochs. */
const violations = `
  select 'batch ' || number || ' of epoch ' || epoch || ' was committed under epoch ' || lease as problem
    from audit.batch where epoch <> lease
  union all
  select distinct relation || ' was changed outside of a batch' from audit.change c
    where not exists (select from audit.batch b where b.transaction = c.transaction)
  union all
  select 'batch ' || number || ' of epoch ' || epoch || ' came after one of epoch ' || before
    from (select *, max(epoch) over (order by place rows unbounded preceding) as before from audit.batch) b
    where epoch < before
`;

/** A database for one run, on one cluster or on one that another follows: the store of routers. */
export class LabDatabase {
  /** In the order in which routers try them. */
  readonly clusters: readonly Postgres[];
  readonly name: string;

  private constructor(clusters: readonly Postgres[], name: string) {
    this.clusters = clusters;
    this.name = name;
  }

  /** @param tablespace Where it lies; with the rest of the cluster when absent. */
  static async create(clusters: readonly Postgres[], name: string, tablespace?: string): Promise<LabDatabase> {
    const database = new LabDatabase(clusters, name);
    const where = tablespace === undefined ? '' : ` tablespace ${tablespace}`;
    await (await database.writable()).sql(`create database ${name}${where}`);
    return database;
  }

  /** The section of a configuration. @param ports Of the clusters, or of what is before them. */
  store(ports: readonly number[] = this.clusters.map(({ port }) => port)): Readonly<Record<string, unknown>> {
    const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
    return { driver: 'postgres', url: `postgresql://postgres@${hosts}/${this.name}?connect_timeout=2` };
  }

  /** What can be cut between a router and each of the clusters. */
  async wires(): Promise<readonly Wire[]> {
    const wires = this.clusters.map(({ port }) => new Wire(port));
    for (const wire of wires) await wire.start();
    return wires;
  }

  /** The cluster that takes writes; waits for it. */
  async writable(): Promise<Postgres> {
    for (const deadline = Date.now() + writableLimit; ; await sleep(50)) {
      for (const cluster of this.clusters) {
        if (cluster.pid === undefined) continue;
        const [row] = await cluster.sql('select pg_is_in_recovery() as follows').catch(() => []);
        if (row?.['follows'] === false) return cluster;
      }
      if (Date.now() > deadline) throw new Error('no cluster takes writes');
    }
  }

  async sql(text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.writable()).sql(text, this.name);
  }

  /** Ends a session of a router in the middle of a batch; waits for one. */
  async endWriting(): Promise<void> {
    await this.sql(endWriting);
  }

  /** Has the cluster begin one file of its log after the other, until it finds no room for the next and ends. */
  async fillLog(): Promise<void> {
    const cluster = await this.writable();
    // Each has what routers wrote meanwhile: an empty one is not left.
    const next = (): Promise<boolean> =>
      cluster.sql('select pg_logical_emit_message(true, $$lab$$, $$$$), pg_switch_wal()').then(
        () => false,
        () => cluster.pid === undefined,
      );
    await until(next, 'the database ends', writableLimit);
    if (!readFileSync(cluster.logFile, 'utf8').includes('No space left on device')) {
      throw new Error('it was not for want of room that the database ended');
    }
  }

  /** The first cluster dies, and the one that follows it takes its place. */
  async fail(): Promise<void> {
    const [first, second] = this.clusters;
    await first?.kill9();
    await second?.promote();
  }

  /** Opens a transaction that sees what is there now. @returns What ends it. */
  async holdBackVacuum(): Promise<() => Promise<void>> {
    const client = new Client((await this.writable()).url(this.name));
    // What ends the connection is told by the query.
    client.on('error', () => undefined);
    await client.connect();
    await client.query('begin isolation level repeatable read');
    await client.query('select count(*) from switchyard.delivery');
    return () => client.end();
  }

  /** What it cost to write meanwhile. */
  async effort(work: () => Promise<void>): Promise<Effort> {
    const before = await this.#counts();
    await work();
    const after = await this.#counts();
    const messages = after.messages - before.messages;
    return { messages, pages: (after.pages - before.pages) / messages, dead: after.dead };
  }

  async #counts(): Promise<Effort> {
    // What a session has counted it tells once it has nothing to do, a second later at most.
    await sleep(1_500);
    const [row] = await this.sql(effort);
    return { messages: Number(row?.['messages']), pages: Number(row?.['pages']), dead: Number(row?.['dead']) };
  }

  async stored(pool: string): Promise<StoredQueue> {
    const rows = await this.sql(
      `select json_build_object(
        'rows', coalesce((select json_agg(json_build_object('state', state, 'message', message))
          from switchyard.delivery where pool = '${pool}'), '[]'),
        'books', (select row_to_json(t) from (
          select accepted, acknowledged, bounced, purged from switchyard.tally where pool = '${pool}'
            order by number desc limit 1
        ) t)
      )::text as found`,
    );
    const found = JSON.parse(String(rows[0]?.['found'])) as {
      readonly rows: readonly StoredDelivery[];
      readonly books: StoredBooks | null;
    };
    return storedQueue(found.rows, found.books ?? undefined);
  }

  /** From now on the database notes who writes it. The tables must be there. */
  async beginAudit(): Promise<void> {
    await this.sql(auditing);
  }

  async audit(): Promise<Audit> {
    const [sum] = await this.sql('select count(*) as batches, count(distinct epoch) as epochs from audit.batch');
    const problems = await this.sql(violations);
    return {
      batches: Number(sum?.['batches']),
      epochs: Number(sum?.['epochs']),
      problems: problems.map(({ problem }) => String(problem)),
    };
  }

  /** When nobody uses it any more. */
  async remove(): Promise<void> {
    if (!this.clusters.some(({ pid }) => pid !== undefined)) return;
    await (await this.writable()).sql(`drop database ${this.name} with (force)`);
  }
}
