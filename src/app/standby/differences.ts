import type { Fingerprint } from '../../store/shared.ts';

/** Most that are named one by one. */
const namedMost = 12;

type Sections = Fingerprint['sections'];

/**
 * In what two configurations differ, by key, for people: at most a dozen, then how many more. Empty when they are alike.
 * @param brief Two versions may hash the same settings differently: then only which pools there are is compared.
 */
export function differencesOf(own: Sections, other: Sections, brief: boolean): readonly string[] {
  const names = [...new Set([...Object.keys(own), ...Object.keys(other)])].sort();
  const compared = brief ? names.filter((name) => name.startsWith('pools.')) : names;
  const all = compared.flatMap((name) => {
    if (other[name] === undefined) return [`${name} (only in this instance)`];
    if (own[name] === undefined) return [`${name} (not in this instance)`];
    return brief || own[name] === other[name] ? [] : [name];
  });
  const more = all.length - namedMost;
  return more > 0 ? [...all.slice(0, namedMost), `and ${more} more`] : all;
}
