import { preparedOr } from '../addresses.ts';
import type { KeyPath } from '../issue.ts';
import type { Reading } from '../leaves.ts';
import type { Finding } from './finding.ts';

/** Keys of the map at `path` that are written differently and mean the same address. */
export function sameWhenPrepared(
  path: KeyPath,
  names: readonly string[],
  read: (text: string) => Reading<string>,
): readonly Finding[] {
  const first = new Map<string, string>();
  return names.flatMap((name): Finding[] => {
    const prepared = preparedOr(read, name);
    const other = first.get(prepared);
    if (other === undefined) {
      first.set(prepared, name);
      return [];
    }
    return [
      {
        level: 'error',
        path: [...path, name],
        also: [[...path, other]],
        problem: `This is the same address as ${JSON.stringify(other)}: both mean ${JSON.stringify(prepared)}.`,
        suggestion: 'Remove one of the two.',
      },
    ];
  });
}
