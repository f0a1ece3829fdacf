import type { Fingerprint, InstanceView } from '../../store/shared.ts';
import { instanceText } from './view-text.ts';

/** Most that are named one by one. */
const namedMost = 12;

type Sections = Fingerprint['sections'];

/**
 * In what two configurations differ, by key, for people: at most a dozen, then how many more. Empty when they are alike.
 * @param brief Two versions may hash the same settings differently: then only which pools there are is compared.
 * @param here What `own` is of.
 */
export function differencesOf(
  own: Sections,
  other: Sections,
  brief: boolean,
  here = 'this instance',
): readonly string[] {
  const names = [...new Set([...Object.keys(own), ...Object.keys(other)])].sort();
  const compared = brief ? names.filter((name) => name.startsWith('pools.')) : names;
  const all = compared.flatMap((name) => {
    if (other[name] === undefined) return [`${name} (only in ${here})`];
    if (own[name] === undefined) return [`${name} (not in ${here})`];
    return brief || own[name] === other[name] ? [] : [name];
  });
  const more = all.length - namedMost;
  return more > 0 ? [...all.slice(0, namedMost), `and ${more} more`] : all;
}

/** That another instance is configured otherwise, and in what. @param own What its configuration is not. */
export function unlikeText(
  other: Pick<InstanceView, 'name' | 'id'>,
  differs: readonly string[],
  own = 'that of this instance',
): string {
  return `The configuration of ${instanceText(other)} is not ${own}: ${differs.join(', ')}.`;
}
