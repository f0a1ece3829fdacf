import { createHash } from 'node:crypto';
import type { LoadedConfig } from '../../config/load.ts';
import type { Fingerprint } from '../../store/shared.ts';

/** Hexadecimal digits of a hash: two that differ are told apart, and thousands of pools stay small. */
const digits = 12;

/**
 * The fingerprint of a configuration. What belongs to one machine is not in it: names, addresses, secrets, the log, memory.
 * Pools that were made are not either: they are in the database, so all instances have the same.
 */
export function fingerprintOf({ config, made }: Pick<LoadedConfig, 'config' | 'made'>): Fingerprint {
  const { service, limits, standby, drainTimeout } = config;
  const own = service.pools.filter(({ name }) => !made.includes(name));
  const parts: readonly (readonly [string, unknown])[] = [
    ['component.name', service.title],
    ['standby.lease', standby.lease],
    ['standby.holdover', standby.holdover],
    ['drainTimeout', drainTimeout],
    ['memberGrace', service.memberGrace],
    ['limits.stanza', limits.stanza],
    ['limits.depth', limits.depth],
    ['access.admins', service.admins],
    ['contacts', service.contacts],
    ['transfers', service.transfers],
    ...own.map((pool) => [`pools.${pool.name}`, pool] as const),
  ];
  const sections = Object.fromEntries(parts.map(([name, value]) => [name, hashOf(value)]));
  return { digest: hashOf(sections), sections };
}

/** The order in which keys are written does not matter. */
function hashOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(ordered(value)))
    .digest('hex')
    .slice(0, digits);
}

/** Maps become lists of their entries, by name; JSON says nothing of what is `undefined`. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return { keys: entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, ordered(inner)]) };
}
