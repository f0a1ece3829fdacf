import type { Change } from '../../core/durable-state.ts';

/** Why PostgreSQL cannot hold a change, whatever the table; `undefined` when it can. No XML holds U+0000. */
export function unfit(change: Change): string | undefined {
  // Of thousands of changes each is looked at: a list of pairs for each would take as long as all else.
  if (Object.values(change).every(isFit)) return undefined;
  const odd = Object.entries(change).find(([name, value]) => name !== 'weight' && !isFit(value));
  if (odd === undefined) return undefined;
  const [name, value] = odd;
  return typeof value === 'number' ? `${name} is ${value}` : `${name} holds U+0000`;
}

function isFit(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0');
  return typeof value !== 'number' || Number.isSafeInteger(value);
}
