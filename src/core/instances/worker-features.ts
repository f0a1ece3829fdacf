import type { Pool } from '../pool/pool.ts';
import type { Offered } from './offered.ts';

/** Most features that are told: what any of many workers claims could be too long for a stanza. */
const toldMost = 200;

/**
 * What a pool tells senders of what its workers can do (specs.md 3.1, D5), in the order of the
 * alphabet: what every worker says that it can, what any of them says, or nothing. A worker whose
 * client says nothing by XEP-0115 can nothing. At most 200, those that come first.
 */
export function workerFeatures(pool: Pool, offered: Offered): readonly string[] {
  const { features: told } = pool.settings;
  if (told === 'none' || pool.roster.size === 0) return [];
  // Workers of one software share one list.
  const lists = new Set<readonly string[]>();
  for (const member of pool.roster) lists.add(offered.of(member.far === undefined ? member.capsVersion : undefined));
  const [first = [], ...others] = lists;
  if (told === 'union') return [...new Set([...lists].flat())].sort().slice(0, toldMost);
  const shared = others.reduce<ReadonlySet<string>>(
    (common, list) => new Set(list.filter((feature) => common.has(feature))),
    new Set(first),
  );
  return [...shared].sort();
}
