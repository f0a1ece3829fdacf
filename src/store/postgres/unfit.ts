import type { Change } from '../../core/durable-state.ts';

/** Why PostgreSQL cannot hold a change, whatever the table; `undefined` when it can. No XML holds U+0000. */
export function unfit(change: Change): string | undefined {
  // Of thousands of changes each is looked at: a list of pairs for each would take as long as all else.
  if (Object.values(change).every(isFit)) return undefined;
  const fields: readonly (readonly [name: string, value: unknown])[] = Object.entries(change);
  const odd = fields.find(([name, value]) => name !== 'weight' && !isFit(value));
  if (odd === undefined) return undefined;
  // Texts of messages stand in no error.
  return typeof odd[1] === 'number' ? `${odd[0]} is ${String(odd[1])}` : `${odd[0]} holds U+0000`;
}

function isFit(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0');
  return typeof value !== 'number' || Number.isSafeInteger(value);
}
