import { type Moved, type MoveWatcher, moveStore } from './move.ts';
import { openPostgresSource, openPostgresTarget, type PostgresSideOptions } from './postgres-side.ts';
import { openSqliteSource, openSqliteTarget, type SqliteSide } from './sqlite-side.ts';

/** Moves what the database `file` holds to PostgreSQL. Rejects as `moveStore` does. */
export async function moveToPostgres(file: string, to: PostgresSideOptions, watcher: MoveWatcher): Promise<Moved> {
  return withFile(openSqliteSource(file), async (source) => {
    await source.refuseNul();
    const target = await openPostgresTarget(to);
    try {
      return await moveStore(source, target, watcher);
    } finally {
      await target.close();
    }
  });
}

/**
 * Moves what a schema of PostgreSQL holds to a new database `file`. Rejects as `moveStore` does.
 * @returns With it the path of what was there before and had been moved away, if anything was.
 */
export async function moveToSqlite(
  from: PostgresSideOptions,
  file: string,
  watcher: MoveWatcher,
): Promise<Moved & { readonly aside: string | undefined }> {
  return withFile(openSqliteTarget(file), async (target) => {
    const source = await openPostgresSource(from);
    try {
      const moved = await moveStore(source, target, watcher);
      return { ...moved, aside: target.aside };
    } finally {
      await source.close();
    }
  });
}

/** The file first: to look through it may take longer than a lease lasts. */
async function withFile<Result>(side: SqliteSide, work: (side: SqliteSide) => Promise<Result>): Promise<Result> {
  try {
    return await work(side);
  } finally {
    await side.close();
  }
}
