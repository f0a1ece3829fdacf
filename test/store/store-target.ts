import { openStore as openFile } from '../../src/store/open.ts';
import { openStore as openPostgres } from '../../src/store/postgres/open-store.ts';
import type { WriterOptions } from '../../src/store/postgres/steady-writer.ts';
import type { Store } from '../../src/store/store.ts';

/** Which store a process of its own opens. Plain data, so that it can be an argument. */
export type StoreTarget =
  | { readonly driver: 'sqlite'; readonly file: string }
  | ({ readonly driver: 'postgres' } & WriterOptions);

export function openTarget(target: StoreTarget): Promise<Store> {
  return target.driver === 'sqlite' ? openFile(target) : openPostgres(target.settings, target.epoch);
}

/** Opens the store that an argument of the process names. */
export function openArgument(argument = '{}'): Promise<Store> {
  const target: StoreTarget = JSON.parse(argument);
  return openTarget(target);
}
