import type { KeyPath } from './issue.ts';
import { isObject, valueAt } from './layers.ts';
import { keyPath } from './schema/issues.ts';
import { configSchema, type ReadConfig } from './schema/schema.ts';

/** What stands in for a required key while the rest is looked at; it is never used to run. */
const standIns: Readonly<Record<string, unknown>> = {
  service: 'xmpp://127.0.0.1:1',
  domain: 'placeholder.invalid',
  workers: ['*'],
  to: 'placeholder.invalid',
};

/**
 * Reads a configuration with its invalid values taken out, so that what is contradictory in the
 * rest can be told in the same run. `undefined` when nothing can be made of it.
 */
export function readRepaired(value: unknown): ReadConfig | undefined {
  if (!isObject(value)) return undefined;
  const copy: unknown = structuredClone(value);
  // Taking a value out may leave a required key missing: that is one more round, not more.
  for (let round = 0; round < 3; round += 1) {
    const parsed = configSchema.safeParse(copy);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      const path = keyPath(issue);
      if (issue.code === 'unrecognized_keys') for (const key of issue.keys) takeOut(copy, [...path, key]);
      else takeOut(copy, path);
    }
  }
  return undefined;
}

/** Removes a value; of a list, the whole list, since its other positions would move. */
function takeOut(tree: unknown, path: KeyPath): void {
  const position = path.findIndex((key) => typeof key === 'number');
  const whole = position < 0 ? path : path.slice(0, position);
  const parent = valueAt(tree, whole.slice(0, -1));
  const name = whole.at(-1);
  if (!isObject(parent) || name === undefined) return;
  const standIn = valueAt(standIns, [name]);
  if (standIn === undefined) delete parent[name];
  else parent[name] = standIn;
}
