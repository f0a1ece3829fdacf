import { preparedOr, readPoolName } from './addresses.ts';
import { isObject, type Layers, valueAt } from './layers.ts';

/** A pool that was made while the router ran: it stands beside those of the file. */
export interface MadePool {
  /** As its address has it. */
  readonly name: string;
  /** As they would stand under `pools` in the file. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Who made it, or changed it last. */
  readonly by: string;
  /** Epoch milliseconds of that. */
  readonly at: number;
}

/**
 * Writes pools that were made into `layers`, which hold the file. Returns the names that the file has
 * for pools of its own: these win.
 */
export function addMadePools(layers: Layers, made: readonly MadePool[]): readonly string[] {
  const standing = valueAt(layers.value, ['pools']);
  const names = new Set(Object.keys(isObject(standing) ? standing : {}).map((name) => preparedOr(readPoolName, name)));
  const taken: string[] = [];
  for (const { name, settings, by, at } of made) {
    if (names.has(name)) taken.push(name);
    else {
      const text = `made by ${by}, ${new Date(at).toISOString()}`;
      layers.set(['pools', name], structuredClone(settings), { rank: 'made', text });
    }
  }
  return taken;
}
