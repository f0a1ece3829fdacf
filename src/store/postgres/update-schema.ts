import { StoreError } from '../error.ts';
import { refuseMoved } from '../moves/mark.ts';
import { leaseOf } from './lease-row.ts';
import { migrateSchema, postgresMigrations, readSchema } from './schema.ts';
import { openSession } from './session.ts';
import { type ConnectionSettings, placeOf } from './settings.ts';

/**
 * Makes the schema, or brings it up to this version, unless an instance is active (`locked`): it may be of an older version,
 * and need the schema as it is. Rejects with a `StoreError`.
 * @param domain Of the component.
 */
export async function updateSchema(settings: ConnectionSettings, domain: string): Promise<void> {
  const migrations = postgresMigrations();
  const session = await openSession(settings);
  try {
    const found = await readSchema(session, settings, domain, migrations);
    refuseMoved(found.mark, placeOf(settings));
    if (found.domain !== undefined && found.pending.length > 0) {
      const lease = await leaseOf(session, settings);
      if (lease !== undefined && lease.until > lease.now) {
        const advice =
          'Start an instance of this version: the schema is brought up to it when that one becomes active.';
        throw new StoreError('locked', placeOf(settings), 'an instance is active.', advice);
      }
    }
    await migrateSchema(session, settings, domain, migrations);
  } finally {
    await session.end();
  }
}
