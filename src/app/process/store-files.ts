import { statSync } from 'node:fs';
import type { Config } from '../../config/config.ts';

/** Bytes of the database and of its log; nothing for a store without files. Files that are not there are left out. */
export function storeFileSizes(store: Config['store']): Readonly<Record<string, number>> {
  if (store.driver !== 'sqlite') return {};
  const sizes: Record<string, number> = {};
  for (const [part, suffix] of [
    ['database', ''],
    ['log', '-wal'],
  ] as const) {
    const size = statSync(`${store.file}${suffix}`, { throwIfNoEntry: false })?.size;
    if (size !== undefined) sizes[part] = size;
  }
  return sizes;
}
