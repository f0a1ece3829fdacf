import { StoreError } from '../../store/error.ts';
import { openStore } from '../../store/open.ts';
import { placeOf } from '../../store/postgres/settings.ts';
import { updateSchema } from '../../store/postgres/update-schema.ts';
import { type LoadRequest, load } from '../load.ts';

/** Opens the database, which brings it to this version, and closes it. Returns the exit code. */
export async function migrateStore(request: LoadRequest): Promise<number> {
  const loaded = load(request);
  if (loaded === undefined) return 2;
  const { store: settings } = loaded.config;
  if (settings.driver === 'memory') {
    process.stdout.write('The store is in memory: there is nothing to migrate.\n');
    return 0;
  }
  try {
    if (settings.driver === 'postgres') await updateSchema(settings, loaded.config.component.domain);
    else await (await openStore(settings)).close();
    const place = settings.driver === 'postgres' ? placeOf(settings) : settings.file;
    process.stdout.write(`${place} is at this version.\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}
