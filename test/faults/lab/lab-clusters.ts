import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { giveTo } from '../../support/servers/daemon.ts';
import { type Postgres, startPostgres } from '../../support/servers/postgres.ts';
import { LabDatabase } from './lab-database.ts';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';

/** One that another follows synchronously, or one with its tables, or with its log, on a small disk. */
export type ClusterKind = 'replicated' | 'small' | 'small-log';

/** A database of a run. */
export interface RunDatabase {
  readonly database: LabDatabase;
  /** Folder of the small disk, where there is one. */
  readonly disk: string | undefined;
  remove(): Promise<void>;
}

/** The clusters of a suite: one for most runs, and some that a run has for itself. */
export class LabClusters {
  #shared: Postgres | undefined;
  #runs = 0;

  /** A database for one run, or why there can be none here. */
  async database(kind: ClusterKind | undefined): Promise<RunDatabase | string> {
    this.#runs += 1;
    const name = `lab${this.#runs}`;
    if (kind === 'replicated') return replicated(name);
    if (kind === 'small') return small(name, 32, smallTables);
    if (kind === 'small-log') return small(name, 96, smallLog);
    this.#shared ??= await startPostgres();
    const database = await LabDatabase.create([this.#shared], name);
    return { database, disk: undefined, remove: () => database.remove() };
  }

  async remove(): Promise<void> {
    await this.#shared?.remove();
  }
}

/** What the first has confirmed the second has too. */
async function replicated(name: string): Promise<RunDatabase> {
  const first = await startPostgres();
  const clusters = [first];
  const remove = async (): Promise<void> => {
    for (const cluster of clusters) await cluster.remove();
  };
  try {
    clusters.push(await startPostgres({ follows: first }));
    await first.set({ synchronous_standby_names: '*' });
    return { database: await LabDatabase.create(clusters, name), disk: undefined, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

interface SmallCluster {
  readonly cluster: Postgres;
  /** Where the tables lie; with the rest of the cluster when absent. */
  readonly tablespace?: string;
}

async function small(
  name: string,
  megabytes: number,
  start: (disk: SmallDisk) => Promise<SmallCluster>,
): Promise<RunDatabase | string> {
  const disk = mountSmallDisk(megabytes);
  if (typeof disk === 'string') return disk;
  let cluster: Postgres | undefined;
  const remove = async (): Promise<void> => {
    await cluster?.remove();
    disk.remove();
  };
  try {
    const made = await start(disk);
    cluster = made.cluster;
    return { database: await LabDatabase.create([cluster], name, made.tablespace), disk: disk.folder, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function smallTables({ folder }: SmallDisk): Promise<SmallCluster> {
  const space = join(folder, 'space');
  mkdirSync(space);
  giveTo('postgres', folder);
  const cluster = await startPostgres();
  await cluster.sql(`create tablespace small location '${space}'`);
  return { cluster, tablespace: 'small' };
}

/** The log is in files of 16 MB: there is room for some of them. */
async function smallLog({ folder }: SmallDisk): Promise<SmallCluster> {
  const logFolder = join(folder, 'log');
  mkdirSync(logFolder);
  giveTo('postgres', folder);
  return { cluster: await startPostgres({ logFolder, settings: { min_wal_size: '32MB', max_wal_size: '32MB' } }) };
}
