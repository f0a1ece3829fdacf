import type { Change } from '../../core/durable-state.ts';

/** Why PostgreSQL cannot hold a change, whatever the table; `undefined` when it can. No XML holds U+0000. */
export function unfit(change: Change): string | undefined {
  for (const [name, value] of Object.entries(change)) {
    if (typeof value === 'string' && value.includes('\0')) return `${name} holds U+0000`;
    if (typeof value === 'number' && !Number.isSafeInteger(value) && name !== 'weight') return `${name} is ${value}`;
  }
  return undefined;
}
