import type { StoredPool } from '../../core/durable-state.ts';
import { unreadable } from './unreadable.ts';

/** Every pool that was made, in the order of its making. */
export const selectMade =
  'select name as pool, settings, made_by as "by", made_at as at from made_pool order by made_at, name';

/** A row, if what it holds are settings. Throws `StoreError`. */
export function madeOf(row: StoredPool, file: string): StoredPool {
  if (isObjectText(row.settings)) return row;
  throw unreadable(file, `the made pool ${row.pool}`, row.settings.slice(0, 60));
}

function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
